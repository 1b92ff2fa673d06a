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

const DIMENSION_KEY = ['account_id', 'dimension', 'grain', 'start', 'value', 'key_id', 'model', 'via'];
const OF_KNOWN: ReadonlySet<string> = new Set(['provider_cost', 'known_cost', 'known']);

/** Null stands for nothing known, and adds nothing. */
function added(column: string): string {
  if (!OF_KNOWN.has(column)) return `${column} = ${column} + excluded.${column}`;
  return `${column} = CASE WHEN excluded.${column} IS NULL THEN ${column}
    ELSE COALESCE(${column}, 0) + excluded.${column} END`;
}

/** The hour and the day of an event, per key and for all keys; the parameters are their starts, and the key twice. */
const KEPT_GRAINS = `(VALUES ('hour', ?, ?), ('day', ?, ?), ('all_hour', ?, ''), ('all_day', ?, '')) AS g`;
const EVENT_GRAINS = `(VALUES ('hour', ?), ('day', ?)) AS g`;

interface Rows {
  /** What differs between the rows of an event, in the order of `grains`. */
  readonly key: readonly string[];
  readonly shared: readonly string[];
  readonly counts: readonly string[];
  readonly grains: string;
}

/** One statement for all rows of an event: passing the same counts again for each costs more than adding them. */
function addRows(table: string, { key, shared, counts, grains }: Rows): string {
  return `WITH e AS (SELECT ${[...shared, ...counts].map((column) => `? AS ${column}`).join(', ')})
    INSERT INTO ${table} (${[...key, ...shared, ...counts].join(', ')})
    SELECT ${[...key.map((_, i) => `g.column${i + 1}`), ...shared, ...counts].join(', ')} FROM e, ${grains} WHERE true
    ON CONFLICT DO UPDATE SET ${counts.map(added).join(', ')}`;
}

const KEPT = { key: ['grain', 'start', 'key_id'], shared: ['account_id', 'model', 'via'], grains: KEPT_GRAINS };
const ADD_SUMS = addRows('gateway_usage', { ...KEPT, counts: SUM_COLUMNS });
const ADD_UNIT = addRows('gateway_usage_units', { ...KEPT, shared: [...KEPT.shared, 'unit'], counts: ['count'] });

const OF_VALUE = {
  key: ['grain', 'start'],
  shared: ['account_id', 'model', 'via', 'key_id', 'dimension', 'value'],
  grains: EVENT_GRAINS,
};
const ADD_DIMENSION_SUMS = addRows('gateway_usage_dimensions', { ...OF_VALUE, counts: SUM_COLUMNS });
const ADD_DIMENSION_UNIT = addRows('gateway_usage_dimension_units', {
  ...OF_VALUE,
  shared: [...OF_VALUE.shared, 'unit'],
  counts: ['count'],
});

/** Adds an event to the sums of its hour and day; runs inside the transaction of its settlement. */
export function addToSums(connection: SqliteConnection, event: UsageEvent): void {
  const { accountId, keyId, model, via = 'key', at, usage, cost, providerCost } = event;
  const known = providerCost === undefined ? [null, null, null] : [providerCost, cost, 1];
  const sums = [1, usage.units ? 1 : 0, ...BUCKET_NAMES.map((name) => usage[name]), cost, ...known];
  const units = Object.entries(usage.units ?? {});
  const [hour, day, key] = [startOfIts(3_600_000, at), startOfIts(86_400_000, at), keyId ?? ''];
  connection.run(ADD_SUMS, accountId, model, via, ...sums, hour, key, day, key, hour, day);
  for (const [unit, count] of units)
    connection.run(ADD_UNIT, accountId, model, via, unit, count, hour, key, day, key, hour, day);
  for (const [name, value] of ownValues(event)) {
    const shared = [accountId, model, via, key, name, value];
    connection.run(ADD_DIMENSION_SUMS, ...shared, ...sums, hour, day);
    for (const [unit, count] of units) connection.run(ADD_DIMENSION_UNIT, ...shared, unit, count, hour, day);
  }
}

function startOfIts(ms: number, at: number): number {
  return at - (((at % ms) + ms) % ms);
}

const NONE: readonly (readonly [string, string])[] = [];

/** What an event has of the dimensions that not every request has. */
function ownValues({ endUser, session, tags }: UsageEvent): readonly (readonly [string, string])[] {
  if ((endUser ?? session ?? tags) === undefined) return NONE;
  return [
    ...(endUser === undefined ? NONE : [['endUser', endUser] as const]),
    ...(session === undefined ? NONE : [['session', session] as const]),
    ...Object.entries(tags ?? {}).map(([name, value]) => [`tag:${name}`, value] as const),
  ];
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

const DIMENSION_COLUMNS = `account_id TEXT NOT NULL, dimension TEXT NOT NULL, grain TEXT NOT NULL, start INTEGER NOT NULL,
    value TEXT NOT NULL, key_id TEXT NOT NULL, model TEXT NOT NULL, via TEXT NOT NULL`;

/** Each event once for each value that it has. */
const EVENT_VALUES = `(
      SELECT 'endUser' AS dimension, end_user AS value, e.* FROM gateway_events e WHERE end_user IS NOT NULL
      UNION ALL SELECT 'session', session, e.* FROM gateway_events e WHERE session IS NOT NULL
      UNION ALL SELECT 'tag:' || t.key, t.value, e.* FROM gateway_events e, json_each(e.tags) AS t WHERE e.tags IS NOT NULL
    ) AS e JOIN gateway_event_kinds k ON k.id = e.kind_id`;

/** The start of the hour or day of an instant that is not before 1970. */
const startOf = (ms: number) => `at / ${ms} * ${ms}`;

/** Sums by end user, session and tag, where a request has them, filled from the events that there are. */
export const DIMENSION_SUMS_STEP = `
  ALTER TABLE gateway_usage ADD COLUMN known INTEGER;
  UPDATE gateway_usage SET known = requests WHERE provider_cost IS NOT NULL;
  ${[...GRAINS, ...OF_ALL_KEYS]
    .map(([grain, ms]) => {
      const key = grain.startsWith('all') ? "''" : "COALESCE(key_id, '')";
      return `
  UPDATE gateway_usage AS u SET known = counted.known FROM (
    SELECT account_id, ${startOf(ms)} AS start, ${key} AS key_id, model, via, COUNT(provider_cost) AS known,
      COUNT(*) AS requests
    FROM gateway_events e JOIN gateway_event_kinds k ON k.id = e.kind_id GROUP BY 1, 2, 3, 4, 5
  ) AS counted
    WHERE u.provider_cost IS NOT NULL AND u.grain = '${grain}' AND u.account_id = counted.account_id
      AND u.start = counted.start AND u.key_id = counted.key_id AND u.model = counted.model AND u.via = counted.via
      AND u.requests = counted.requests;`;
    })
    .join('\n')}

  CREATE TABLE gateway_usage_dimensions (${DIMENSION_COLUMNS},
    ${SUM_COLUMNS.map((column) => `${column} INTEGER${OF_KNOWN.has(column) ? '' : ' NOT NULL'}`).join(', ')},
    PRIMARY KEY (${DIMENSION_KEY.join(', ')})
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX gateway_usage_dimensions_time ON gateway_usage_dimensions (dimension, grain, start);
  CREATE TABLE gateway_usage_dimension_units (${DIMENSION_COLUMNS}, unit TEXT NOT NULL, count REAL NOT NULL,
    PRIMARY KEY (${DIMENSION_KEY.join(', ')}, unit)
  ) STRICT, WITHOUT ROWID;

  ${GRAINS.map(([grain, ms]) => {
    const key = `account_id, dimension, '${grain}', ${startOf(ms)}, e.value, COALESCE(key_id, ''), model, via`;
    return `
  INSERT INTO gateway_usage_dimensions (${[...DIMENSION_KEY, ...SUM_COLUMNS].join(', ')})
    SELECT ${key}, COUNT(*), COUNT(units), ${TOKEN_COLUMNS.map((column) => `SUM(${column})`).join(', ')}, SUM(cost),
      SUM(provider_cost), SUM(CASE WHEN provider_cost IS NOT NULL THEN cost END), NULLIF(COUNT(provider_cost), 0)
    FROM ${EVENT_VALUES} GROUP BY 1, 2, 4, 5, 6, 7, 8;
  INSERT INTO gateway_usage_dimension_units (${[...DIMENSION_KEY, 'unit', 'count'].join(', ')})
    SELECT ${key}, unit.key, SUM(unit.value)
    FROM ${EVENT_VALUES}, json_each(e.units) AS unit WHERE e.units IS NOT NULL GROUP BY 1, 2, 4, 5, 6, 7, 8, 9;`;
  }).join('\n')}
`;
