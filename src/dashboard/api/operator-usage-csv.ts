import { formatUsd, parseUsd } from '../../lib/money.js';
import type { UsageRow } from '../../management/usage-reports.js';
import { csvOf } from './csv.js';
import { oneOf, optional } from './fields.js';
import { checkRange, RANGE, readQuery } from './query.js';
import { FileAnswer, type RouteContext } from './route.js';

const fields = { ...RANGE, by: optional(oneOf(['day', 'month'])) };
const COUNTS = ['requests', 'inputTokens', 'outputTokens'] as const;
const AMOUNTS = ['cost', 'providerCost', 'margin'] as const;
const HEADER = ['requests', 'input_tokens', 'output_tokens', 'revenue_usd', 'provider_cost_usd', 'margin_usd'];

/** Usage of all accounts per account and model, by UTC day or month, with what the operator paid and earned. */
export async function exportOperatorUsage({ gateway, query }: RouteContext) {
  const { by = 'day', ...range } = checkRange(readQuery(query, fields));
  const rows = await gateway.usage.query({ ...range, groupBy: ['day', 'account', 'model'] });
  const lines = by === 'day' ? rows.map((row) => lineOf(row.day ?? '', row)) : byMonth(rows);
  const day = (time: Date) => time.toISOString().slice(0, 10);
  return new FileAnswer(
    `all-usage-${day(range.from)}-${day(range.to)}.csv`,
    'text/csv; charset=utf-8',
    csvOf([by, 'account', 'model', ...HEADER], lines),
  );
}

type Sums = Pick<UsageRow, (typeof COUNTS)[number] | (typeof AMOUNTS)[number] | 'accountId' | 'model'>;

function lineOf(period: string, row: Sums): (string | number)[] {
  const { accountId = '', model = '' } = row;
  return [period, accountId, model, ...COUNTS.map((name) => row[name]), ...AMOUNTS.map((name) => row[name] ?? '')];
}

/** Adds up the days of each month, account and model. */
function byMonth(rows: readonly UsageRow[]): (string | number)[][] {
  const groups = new Map<string, UsageRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.day?.slice(0, 7), row.accountId, row.model]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups].map(([key, group]) => {
    const [month = '', accountId = '', model = ''] = JSON.parse(key) as string[];
    const counts = Object.fromEntries(COUNTS.map((name) => [name, group.reduce((sum, row) => sum + row[name], 0)]));
    const amounts = Object.fromEntries(AMOUNTS.map((name) => [name, sumOf(group.map((row) => row[name] ?? null))]));
    return lineOf(month, { accountId, model, ...counts, ...amounts } as Sums);
  });
}

/** Null where one of them is not known: a sum without it would be too low. */
function sumOf(amounts: readonly (string | null)[]): string | null {
  if (amounts.some((amount) => amount === null)) return null;
  return formatUsd(amounts.reduce((sum, amount) => sum + parseUsd(amount ?? '0'), 0n));
}
