import { BUCKET_NAMES, countsOf, TOKEN_BUCKETS, type TokenCounts, type UsageSource } from '../lib/usage.js';
import type {
  Outcome,
  UsageDimension,
  UsageEvent,
  UsageFlag,
  UsageQuery,
  UsageRange,
  UsageTotals,
} from '../meter/meter.js';
import { priceFromJson } from '../meter/settlement-json.js';
import { integer, money, text } from './row-values.js';

type Row = Readonly<Record<string, unknown>>;

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What a group by each dimension selects; `at / n` is an integer division in SQLite and PostgreSQL alike. */
const GROUPS: Readonly<Record<UsageDimension, string>> = {
  account: 'account_id',
  model: 'model',
  key: 'key_id',
  day: `at / ${DAY_MS}`,
  hour: `at / ${HOUR_MS}`,
};

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);

/** The columns of an event, money as text. */
export const EVENT_COLUMNS = `id, account_id, key_id, at, model, provider, upstream_model, ${TOKEN_COLUMNS.join(', ')},
  source, price, CAST(cost AS TEXT) AS cost, outcome, flags`;

/** The conditions of a range, with their parameters; `placeholder` writes the n-th one in the dialect. */
export function whereOf(
  range: UsageRange,
  placeholder: (n: number) => string,
): { readonly conditions: string[]; readonly parameters: (string | number)[] } {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(`${condition} ${placeholder(parameters.length)}`);
  };
  add('account_id =', range.accountId);
  add('key_id =', range.keyId);
  add('model =', range.model);
  add('at >=', range.from);
  add('at <', range.to);
  return { conditions, parameters };
}

/** The statement that sums a query's events; `collation` makes text sort by code point where the database would not. */
export function totalsStatement(
  query: UsageQuery,
  conditions: readonly string[],
  collation: '' | ' COLLATE "C"' = '',
): string {
  const groups = query.groupBy.map((dimension) => GROUPS[dimension]);
  const selected = query.groupBy.map((dimension, i) => `${groups[i]} AS "by_${dimension}"`);
  const sums = TOKEN_COLUMNS.map((column) => `CAST(SUM(${column}) AS TEXT) AS ${column}`);
  const order = query.groupBy.map((dimension) =>
    dimension === 'day' || dimension === 'hour' ? GROUPS[dimension] : `${GROUPS[dimension]}${collation}`,
  );
  return `SELECT ${[...selected, 'COUNT(*) AS requests', ...sums, 'CAST(SUM(cost) AS TEXT) AS cost'].join(', ')}
    FROM gateway_events ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
    ${groups.length > 0 ? `GROUP BY ${groups.join(', ')} ORDER BY ${order.join(', ')}` : 'HAVING COUNT(*) > 0'}`;
}

/** One row of `totalsStatement`. */
export function toTotals(query: UsageQuery, row: Row): UsageTotals {
  return {
    ...Object.fromEntries(query.groupBy.map((dimension) => groupValue(dimension, row[`by_${dimension}`]))),
    requests: integer(row['requests']),
    ...tokensOf(row),
    cost: money(row['cost']),
  };
}

function groupValue(dimension: UsageDimension, value: unknown): [string, string] {
  if (dimension === 'account') return ['accountId', text(value)];
  if (dimension === 'key') return ['keyId', text(value)];
  if (dimension === 'model') return ['model', text(value)];
  const [unit, length] = dimension === 'day' ? [DAY_MS, 10] : [HOUR_MS, 13];
  return [dimension, new Date(integer(value) * unit).toISOString().slice(0, length)];
}

/** One row of `EVENT_COLUMNS`. */
export function toEvent(row: Row): UsageEvent {
  return {
    id: text(row['id']),
    accountId: text(row['account_id']),
    keyId: text(row['key_id']),
    at: integer(row['at']),
    model: text(row['model']),
    provider: text(row['provider']),
    upstreamModel: text(row['upstream_model']),
    usage: { ...tokensOf(row), source: text(row['source']) as UsageSource },
    price: priceFromJson(text(row['price'])),
    cost: money(row['cost']),
    outcome: text(row['outcome']) as Outcome,
    flags: text(row['flags']).split(',').filter(Boolean) as UsageFlag[],
  };
}

function tokensOf(row: Row): TokenCounts {
  return countsOf((name) => integer(row[TOKEN_BUCKETS[name].column]));
}
