import { BUCKET_NAMES, TOKEN_BUCKETS } from '../../lib/usage.js';
import type { UsageEvent } from '../../meter/usage-log.js';
import type { Grain } from '../usage-parts.js';
import { SUM_COLUMNS } from '../usage-sums.js';
import type { SqliteConnection } from './sqlite-database.js';

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);

const GRAINS: readonly (readonly [Grain, number])[] = [
  ['hour', 3_600_000],
  ['day', 86_400_000],
];
/** Each grain is kept twice: per key, and for all keys. */
const OF_ALL_KEYS: readonly (readonly [Grain, number])[] = [
  ['all_hour', 3_600_000],
  ['all_day', 86_400_000],
];

const KEY = ['account_id', 'grain', 'start', 'key_id', 'model', 'via'];

/** Null stands for nothing known, and adds nothing. */
function added(column: string): string {
  if (column !== 'provider_cost' && column !== 'known_cost') return `${column} = ${column} + excluded.${column}`;
  return `${column} = CASE WHEN excluded.${column} IS NULL THEN ${column}
    ELSE COALESCE(${column}, 0) + excluded.${column} END`;
}

const ADD_SUMS = `INSERT INTO gateway_usage (${[...KEY, ...SUM_COLUMNS].join(', ')})
  VALUES (${[...KEY, ...SUM_COLUMNS].map(() => '?').join(', ')})
  ON CONFLICT (${KEY.join(', ')}) DO UPDATE SET ${SUM_COLUMNS.map(added).join(', ')}`;

const ADD_UNITS = `INSERT INTO gateway_usage_units (${[...KEY, 'unit', 'count'].join(', ')})
  VALUES (${[...KEY, 'unit', 'count'].map(() => '?').join(', ')})
  ON CONFLICT (${[...KEY, 'unit'].join(', ')}) DO UPDATE SET count = count + excluded.count`;

/** Adds an event to the sums of its hour and day; runs inside the transaction of its settlement. */
export function addToSums(connection: SqliteConnection, event: UsageEvent): void {
  const { accountId, keyId, model, via = 'key', at, usage, cost, providerCost } = event;
  const known = providerCost === undefined ? null : cost;
  for (const [grain, ms] of [...GRAINS, ...OF_ALL_KEYS]) {
    const key = [
      accountId,
      grain,
      at - (((at % ms) + ms) % ms),
      grain.startsWith('all') ? '' : (keyId ?? ''),
      model,
      via,
    ];
    connection.run(
      ADD_SUMS,
      ...key,
      ...[1, usage.units ? 1 : 0, ...BUCKET_NAMES.map((name) => usage[name])],
      ...[cost, providerCost ?? null, known],
    );
    for (const [unit, count] of Object.entries(usage.units ?? {})) connection.run(ADD_UNITS, ...key, unit, count);
  }
}

/** The tables of sums, filled from the events that there are. */
export const USAGE_SUMS_STEP = `
  CREATE TABLE gateway_usage (
    account_id TEXT NOT NULL, grain TEXT NOT NULL, start INTEGER NOT NULL, key_id TEXT NOT NULL, model TEXT NOT NULL,
    via TEXT NOT NULL, requests INTEGER NOT NULL, with_units INTEGER NOT NULL,
    ${TOKEN_COLUMNS.map((column) => `${column} INTEGER NOT NULL`).join(', ')},
    cost INTEGER NOT NULL, provider_cost INTEGER, known_cost INTEGER,
    PRIMARY KEY (account_id, grain, start, key_id, model, via)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX gateway_usage_time ON gateway_usage (grain, start);

  CREATE TABLE gateway_usage_units (
    account_id TEXT NOT NULL, grain TEXT NOT NULL, start INTEGER NOT NULL, key_id TEXT NOT NULL, model TEXT NOT NULL,
    via TEXT NOT NULL, unit TEXT NOT NULL, count REAL NOT NULL,
    PRIMARY KEY (account_id, grain, start, key_id, model, via, unit)
  ) STRICT, WITHOUT ROWID;

  ${GRAINS.map(
    ([grain, ms]) => `
  INSERT INTO gateway_usage
    SELECT account_id, '${grain}', at / ${ms} * ${ms}, COALESCE(key_id, ''), model, via, COUNT(*), COUNT(units),
      ${TOKEN_COLUMNS.map((column) => `SUM(${column})`).join(', ')}, SUM(cost), SUM(provider_cost),
      SUM(CASE WHEN provider_cost IS NOT NULL THEN cost END)
    FROM gateway_events GROUP BY account_id, at / ${ms}, COALESCE(key_id, ''), model, via;
  INSERT INTO gateway_usage_units
    SELECT account_id, '${grain}', at / ${ms} * ${ms}, COALESCE(key_id, ''), model, via, unit.key, SUM(unit.value)
    FROM gateway_events, json_each(units) AS unit WHERE units IS NOT NULL
    GROUP BY account_id, at / ${ms}, COALESCE(key_id, ''), model, via, unit.key;`,
  ).join('\n')}

  CREATE INDEX gateway_events_time ON gateway_events (at, account_id, seq);
`;

/** The sums of all keys together, made from those of each. */
export const ALL_KEYS_STEP = `
  INSERT INTO gateway_usage
    SELECT account_id, 'all_' || grain, start, '', model, via, SUM(requests), SUM(with_units),
      ${TOKEN_COLUMNS.map((column) => `SUM(${column})`).join(', ')}, SUM(cost), SUM(provider_cost), SUM(known_cost)
    FROM gateway_usage GROUP BY account_id, grain, start, model, via;
  INSERT INTO gateway_usage_units
    SELECT account_id, 'all_' || grain, start, '', model, via, unit, SUM(count)
    FROM gateway_usage_units GROUP BY account_id, grain, start, model, via, unit;
`;
