import { formatUsd, parseUsd } from '../../lib/money.js';
import type { UsageRow } from '../../management/usage-reports.js';
import { csvLines } from './csv.js';
import { oneOf, optional } from './fields.js';
import { checkRange, RANGE, readQuery } from './query.js';
import { FileAnswer, type RouteContext } from './route.js';
import { startedLines, usedDays } from './used-days.js';

const fields = { ...RANGE, by: optional(oneOf(['day', 'month'])) };
const COUNTS = ['requests', 'inputTokens', 'outputTokens'] as const;
const AMOUNTS = ['cost', 'providerCost', 'margin'] as const;
const HEADER = ['requests', 'input_tokens', 'output_tokens', 'revenue_usd', 'provider_cost_usd', 'margin_usd'];

type Days = AsyncIterable<readonly UsageRow[]>;

/**
 * Usage of all accounts per account and model, by UTC day or month, with what the operator paid and earned; read day by day as
 * it is taken.
 */
export async function exportOperatorUsage({ gateway, query }: RouteContext) {
  const { by = 'day', ...range } = checkRange(readQuery(query, fields));
  const days = usedDays(gateway.usage, range, ['day', 'account', 'model']);
  const header = csvLines([[by, 'account', 'model', ...HEADER]]);
  const day = (time: Date) => time.toISOString().slice(0, 10);
  return new FileAnswer(
    `all-usage-${day(range.from)}-${day(range.to)}.csv`,
    'text/csv; charset=utf-8',
    await startedLines(header, by === 'day' ? linesOfDays(days) : linesOfMonths(days)),
  );
}

async function* linesOfDays(days: Days): AsyncGenerator<string> {
  for await (const rows of days) yield csvLines(rows.map((row) => lineOf(row.day ?? '', row)));
}

/** Adds up the days of each month, account and model. */
async function* linesOfMonths(days: Days): AsyncGenerator<string> {
  let month = '';
  let groups = new Map<string, Sums>();
  const lines = () => csvLines([...groups.values()].map((sums) => lineOf(month, sums)));
  for await (const rows of days) {
    const next = rows[0]?.day?.slice(0, 7) ?? month;
    if (next !== month && groups.size > 0) {
      yield lines();
      groups = new Map();
    }
    month = next;
    for (const row of rows) {
      const key = JSON.stringify([row.accountId, row.model]);
      groups.set(key, sumOf(groups.get(key), row));
    }
  }
  if (groups.size > 0) yield lines();
}

type Sums = Pick<UsageRow, (typeof COUNTS)[number] | (typeof AMOUNTS)[number] | 'accountId' | 'model'>;

function lineOf(period: string, row: Sums): (string | number)[] {
  const { accountId = '', model = '' } = row;
  return [period, accountId, model, ...COUNTS.map((name) => row[name]), ...AMOUNTS.map((name) => row[name] ?? '')];
}

function sumOf(sums: Sums | undefined, row: Sums): Sums {
  if (!sums) return row;
  const counts = Object.fromEntries(COUNTS.map((name) => [name, sums[name] + row[name]]));
  const amounts = Object.fromEntries(AMOUNTS.map((name) => [name, added(sums[name] ?? null, row[name] ?? null)]));
  return { ...sums, ...counts, ...amounts };
}

/** Null where one of them is not known: a sum without it would be too low. */
function added(one: string | null, other: string | null): string | null {
  return one === null || other === null ? null : formatUsd(parseUsd(one) + parseUsd(other));
}
