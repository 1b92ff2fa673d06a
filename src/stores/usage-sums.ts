import { BUCKET_NAMES, TOKEN_BUCKETS } from '../lib/usage.js';
import type { UsageDimension, UsageQuery } from '../meter/usage-log.js';
import { packId } from './packed-ids.js';
import { ownDimension, type UsagePart, usageParts } from './usage-parts.js';

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);

/** What is kept of each hour and day. `known_cost` is the cost of the `known` requests, those whose provider cost is known. */
export const SUM_COLUMNS = [
  ...['requests', 'with_units', ...TOKEN_COLUMNS, 'cost', 'provider_cost', 'known_cost', 'known'],
] as const;

/** The same of events. As whole numbers: sums of decimal ones cost several times as much. */
const EVENT_SUMS = [
  ...['COUNT(*)', 'COUNT(units)'],
  ...[...TOKEN_COLUMNS, 'cost', 'provider_cost', 'CASE WHEN provider_cost IS NOT NULL THEN cost END'].map(
    (value) => `CAST(SUM(${value}) AS bigint)`,
  ),
  'COUNT(provider_cost)',
];

const HOUR_MS = 3_600_000;
const OWN_COLUMNS: Readonly<Record<string, string>> = { endUser: 'end_user', session: 'session' };

/** Events with what many of them share. */
export const EVENTS = 'gateway_events e JOIN gateway_event_kinds k ON k.id = e.kind_id';
/** The condition that an event is of a model. */
export const ofModel = (model: string) => `kind_id IN (SELECT id FROM gateway_event_kinds WHERE model = ${model})`;

/** What differs between the databases. */
export interface UsageSql {
  /** Writes the n-th parameter, which has this value. */
  readonly placeholder: (n: number, value: string | number) => string;
  /** The condition that a column has a value of a JSON list. */
  readonly isIn: (column: string, place: string) => string;
  /** Makes text sort by code point where the database would not. */
  readonly collation: string;
  /** The condition that an event is of an account, by the index of its events. */
  readonly ofAccount: (place: string) => string;
  /** The same of the accounts in a JSON list. */
  readonly ofAccounts: (place: string) => string;
  /** Writes a column so that no index of it is used. */
  readonly unindexed: (column: string) => string;
  /** The value of a tag, by its name as an SQL literal. */
  readonly tag: (name: string) => string;
  /** A joined table `unit (key, value)` with the units of each event. */
  readonly eachUnit: string;
  /** The value of a unit as a number. */
  readonly unitValue: string;
  /** The sum of a column of units, without the last digits that fractions leave where numbers are floating. */
  readonly unitSum: (column: string) => string;
  /** The condition that a kept sum is of a dimension, whose name is a literal. */
  readonly ofDimension: (name: string) => string;
}

/** A query, or one for a list of accounts. */
export type SumQuery = UsageQuery & { readonly accountIds?: readonly string[] };

/** A statement and its parameters. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly (string | number)[];
}

/** A subquery with the rows to sum. */
export interface SummedRows extends Statement {
  /** Whether some rows take off what others count: a sum of zero then stands for nothing. */
  readonly subtracts: boolean;
}

/** The rows whose sums a query asks for: kept sums, and beside them sums of events where a range begins or ends within an hour. */
export function rowsToSum(query: SumQuery, sql: UsageSql): SummedRows {
  return union(query, sql, {
    table: 'gateway_usage',
    columns: SUM_COLUMNS,
    events: 'gateway_events e',
    condition: [],
    sums: EVENT_SUMS,
  });
}

/** The same for units: one row per unit and group. */
export function unitsToSum(query: UsageQuery, sql: UsageSql): SummedRows {
  return union(query, sql, {
    table: 'gateway_usage_units',
    columns: ['count'],
    events: `gateway_events e, ${sql.eachUnit}`,
    condition: ['units IS NOT NULL'],
    sums: [`SUM(${sql.unitValue})`],
    unit: 'unit.key',
  });
}

/** The table of sums by the dimensions that not every request has. */
export const DIMENSION_TABLE = {
  gateway_usage: 'gateway_usage_dimensions',
  gateway_usage_units: 'gateway_usage_dimension_units',
} as const;

interface Summed {
  readonly table: keyof typeof DIMENSION_TABLE;
  /** What is read of kept sums. */
  readonly columns: readonly string[];
  readonly events: string;
  readonly condition: readonly string[];
  /** The same of events, in the order of the columns. */
  readonly sums: readonly string[];
  /** What is summed by, beside what the query groups by: the name of a unit. */
  readonly unit?: string;
}

function union(query: SumQuery, sql: UsageSql, summed: Summed): SummedRows {
  const own = ownDimension(query);
  const parameters: (string | number)[] = [];
  const columns = (sign: string) => summed.columns.map((column) => `${sign}${column} AS ${column}`).join(', ');
  const kept = `account_id, NULLIF(key_id, '') AS key_id, model, via, start AS at${summed.unit ? ', unit' : ''}`;
  const parts = usageParts(query, Date.now());
  const texts = parts.flatMap((part) => {
    const where = (more: readonly string[]) => conditionsOf(query, part, sql, parameters, more);
    const sign = part.subtracted ? '-' : '';
    if (part.source === 'event') {
      const rows = eventRows(query, sql, summed, where(summed.condition));
      return `SELECT ${rows.columns}, ${columns(sign)} FROM ${rows.from}`;
    }
    const all = `SELECT ${kept}${own ? ', CAST(NULL AS text) AS value' : ''}, ${columns(sign)}
      FROM ${summed.table} WHERE ${where([`grain = '${part.source}'`])}`;
    if (!own) return all;
    // What a request without a value used is what all used, less what those with one did.
    const grain = `grain = '${part.source.replace('all_', '')}'`;
    const named = `SELECT ${kept}, CASE s.sign WHEN 1 THEN value END AS value, ${columns(`${sign}s.sign * `)}
      FROM ${DIMENSION_TABLE[summed.table]}, (SELECT 1 AS sign UNION ALL SELECT -1) AS s
      WHERE ${where([grain, sql.ofDimension(literal(own))])}`;
    return [all, named];
  });
  const subtracts = own !== undefined || parts.some(({ subtracted }) => subtracted);
  return { text: texts.join(' UNION ALL '), parameters, subtracts };
}

/**
 * Events, summed by what the query groups by before they join the kept sums: to sort thousands of them among those costs
 * several times as much. What the query does not group by is null.
 */
function eventRows(query: SumQuery, sql: UsageSql, summed: Summed, where: string) {
  const groupsBy = (...dimensions: UsageDimension[]) => dimensions.some((one) => query.groupBy.includes(one));
  const ofKind = groupsBy('model', 'via');
  const values = valuesOf(query, sql);
  const groups = [
    groupsBy('account') ? 'account_id' : '',
    groupsBy('key') ? 'key_id' : '',
    groupsBy('day', 'hour') ? `at / ${HOUR_MS} * ${HOUR_MS} AS at` : '',
    ofKind ? 'kind_id' : '',
    summed.unit ? `${summed.unit} AS unit` : '',
    ...values.map(([name, value]) => `${value} AS ${name}`),
  ].filter((group) => group !== '');
  const sums = summed.sums.map((sum, i) => `${sum} AS ${summed.columns[i]}`);
  const rows = `(SELECT ${[...groups, ...sums].join(', ')} FROM ${summed.events} WHERE ${where}
    ${groups.length > 0 ? `GROUP BY ${groups.map((_, i) => i + 1).join(', ')}` : 'HAVING COUNT(*) > 0'}) AS summed`;
  const shown = (name: string, isThere: boolean) =>
    isThere ? name : `CAST(NULL AS ${name === 'at' ? 'bigint' : 'text'}) AS ${name}`;
  const columns = [
    shown('account_id', groupsBy('account')),
    shown('key_id', groupsBy('key')),
    shown('model', ofKind),
    shown('via', ofKind),
    shown('at', groupsBy('day', 'hour')),
    ...(summed.unit ? ['unit'] : []),
    ...values.map(([name]) => name),
  ];
  return { columns: columns.join(', '), from: ofKind ? `${rows} JOIN gateway_event_kinds k ON k.id = kind_id` : rows };
}

/** What is read of events for the dimensions that not every request has, by name: several of them only events know together. */
function valuesOf(query: SumQuery, sql: UsageSql): (readonly [name: string, value: string])[] {
  const own = ownDimension(query);
  if (own) return [['value', eventValue(own, sql)]];
  const columns = query.groupBy.map((dimension) => (dimension.startsWith('tag:') ? 'tags' : OWN_COLUMNS[dimension]));
  return [...new Set(columns)].flatMap((column) => (column === undefined ? [] : [[column, column] as const]));
}

/** The conditions of a query on one part of its range; adds their parameters. */
function conditionsOf(
  query: SumQuery,
  { source, from, to }: UsagePart,
  sql: UsageSql,
  parameters: (string | number)[],
  more: readonly string[],
): string {
  const { placeholder, isIn } = sql;
  const isEvent = source === 'event';
  const time = isEvent ? 'at' : 'start';
  const conditions = ['1 = 1', ...more];
  const add = (value: string | number | undefined, condition: (place: string) => string) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(condition(placeholder(parameters.length, value)));
  };
  add(query.accountId, isEvent ? sql.ofAccount : (account) => `account_id = ${account}`);
  add(
    query.accountIds && JSON.stringify(query.accountIds),
    isEvent ? sql.ofAccounts : (accounts) => isIn('account_id', accounts),
  );
  add(query.keyId, (key) => `key_id = ${key}`);
  add(query.keyIds && JSON.stringify(query.keyIds), (keys) => isIn('key_id', keys));
  add(query.model, isEvent ? ofModel : (model) => `model = ${model}`);
  add(from, (begin) => `${time} >= ${begin}`);
  add(to, (end) => `${time} < ${end}`);
  if (isEvent && query.id !== undefined) add(packId(query.id), (id) => `e.id = ${id}`);
  return conditions.join(' AND ');
}

/** What an event has of a dimension. */
export function eventValue(dimension: UsageDimension, sql: UsageSql): string {
  if (dimension === 'endUser') return 'end_user';
  return dimension === 'session' ? 'session' : sql.tag(literal(dimension.slice('tag:'.length)));
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
