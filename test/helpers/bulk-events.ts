import { BUCKET_NAMES, TOKEN_BUCKETS } from '../../src/lib/usage.js';

const DAY = 86_400_000;
const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);

/** Which events, and when the last one was. */
export interface BulkEvents {
  readonly dialect: 'sqlite' | 'postgres';
  readonly events: number;
  /** Milliseconds since the epoch; they are spread evenly over the thirty days before. */
  readonly end: number;
}

/** A list of numbers as a table `n (i)`, from 0. */
function numbers({ dialect, events }: BulkEvents): string {
  if (dialect === 'postgres') return `(SELECT i FROM generate_series(0::bigint, ${events - 1}) AS g (i)) AS n`;
  return `(WITH RECURSIVE g (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM g WHERE i < ${events - 1}) SELECT i FROM g) AS n`;
}

/** 22 characters in the order of `i`, as packed ids are. */
function idOf({ dialect }: BulkEvents): string {
  return dialect === 'postgres'
    ? "'~' || lpad(to_hex(i), 12, '0') || substr(md5(i::text), 1, 10)"
    : "'~' || printf('%012x', i) || lower(hex(randomblob(5)))";
}

/**
 * SQL that fills a store as so many prepaid requests would, sums and ledger entries included: half of them of the account
 * `busy` with 50 keys and 7 models, the others of `user_0` to `user_9972`. A price must be there. For measurements.
 */
export function bulkEvents(bulk: BulkEvents): string {
  const begin = bulk.end - 30 * DAY;
  const zero = bulk.dialect === 'postgres' ? 'NULL' : '0';
  const used: Readonly<Record<string, string>> = { input_tokens: '10', output_tokens: '20' };
  const tokens = TOKEN_COLUMNS.map((column) => used[column] ?? zero);
  return `
    INSERT INTO gateway_event_kinds (id, model, provider, upstream_model, via, source, outcome, flags, price_id)
      SELECT 1000 + i, 'model_' || i, 'openai', 'gpt-4o-mini', 'key', 'provider', 'completed', '',
        (SELECT MIN(id) FROM gateway_prices)
      FROM ${numbers({ ...bulk, events: 7 })};
    INSERT INTO gateway_events (seq, id, account_id, key_id, at, ${TOKEN_COLUMNS.join(', ')}, kind_id, cost, charged)
      SELECT i + 10, ${idOf(bulk)}, CASE i % 2 WHEN 0 THEN 'busy' ELSE 'user_' || (i % 9973) END, 'key_' || (i / 2 % 50),
        ${begin} + i * ${30 * DAY} / ${bulk.events}, ${tokens.join(', ')}, 1000 + i / 2 % 7, 13500, ''
      FROM ${numbers(bulk)};
    INSERT INTO gateway_entries (account_id, seq, kind, amount, balance_after, at, reference)
      SELECT account_id, seq, 'usage', -13500, 1000000000, at, id FROM gateway_events WHERE seq >= 10;
    ${sums()}`;
}

/** The sums of hours by key, and from them all others: to sum the events four times takes an hour for ten million of them. */
function sums(): string {
  const columns = ['requests', 'with_units', ...TOKEN_COLUMNS, 'cost'];
  const insert = `INSERT INTO gateway_usage (account_id, grain, start, key_id, model, via, ${columns.join(', ')})`;
  const day = 'start - start % 86400000';
  const from = (grain: string, summed: string, start: string, key: string) => `
    ${insert} SELECT account_id, '${summed}', ${start}, ${key}, model, via,
        ${columns.map((column) => `COALESCE(SUM(${column}), 0)`).join(', ')}
      FROM gateway_usage WHERE grain = '${grain}' AND (account_id = 'busy' OR account_id LIKE 'user_%') GROUP BY 1, 3, 4, 5, 6;`;
  return `
    ${insert} SELECT account_id, 'hour', at - at % 3600000, key_id, model, via, COUNT(*), 0,
        ${TOKEN_COLUMNS.map((column) => `COALESCE(SUM(${column}), 0)`).join(', ')}, SUM(cost)
      FROM gateway_events e JOIN gateway_event_kinds k ON k.id = e.kind_id
      WHERE seq >= 10 GROUP BY account_id, at - at % 3600000, key_id, model, via;
    ${from('hour', 'day', day, 'key_id')}
    ${from('hour', 'all_hour', 'start', "''")}
    ${from('all_hour', 'all_day', day, "''")}`;
}
