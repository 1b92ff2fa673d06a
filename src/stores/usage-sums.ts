import { BUCKET_NAMES, TOKEN_BUCKETS } from '../lib/usage.js';
import type { UsageDimension, UsageQuery } from '../meter/usage-log.js';
import { packId } from './packed-ids.js';
import { ownDimension, type UsagePart, usageParts } from './usage-parts.js';

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);

/** What is kept of each hour and day. `known_cost` is the cost of the `known` requests, those whose provider cost is known. */
export const SUM_COLUMNS = [
  ...['requests', 'with_units', ...TOKEN_COLUMNS, 'cost', 'provider_cost', 'known_cost', 'known'],
] as const;

const EVENT_SUMS = [
  ...['1', 'CASE WHEN units IS NULL THEN 0 ELSE 1 END', ...TOKEN_COLUMNS, 'cost', 'provider_cost'],
  'CASE WHEN provider_cost IS NOT NULL THEN cost END',
  'CASE WHEN provider_cost IS NOT NULL THEN 1 END',
];

/** Events with what many of them share. */
export const EVENTS = 'gateway_events e JOIN gateway_event_kinds k ON k.id = e.kind_id';
/** The condition that an event is of a model. */
export const ofModel = (model: string) => `kind_id IN (SELECT id FROM gateway_event_kinds WHERE model = ${model})`;

/** What differs between the databases. */
export interface UsageSql {
  /** Writes the n-th parameter. */
  readonly placeholder: (n: number) => string;
  /** The condition that the account is in a JSON list. */
  readonly accountIn: (place: string) => string;
  /** Makes text sort by code point where the database would not. */
  readonly collation: string;
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

/** A subquery with the rows to sum, and its parameters. */
export interface SummedRows {
  readonly text: string;
  readonly parameters: readonly (string | number)[];
}

/** The rows whose sums a query asks for: kept sums, and events where a range begins or ends within an hour. */
export function rowsToSum(query: SumQuery, sql: UsageSql): SummedRows {
  return union(query, sql, {
    fromEvents: EVENT_SUMS.map((value, i) => `${value} AS ${SUM_COLUMNS[i]}`).join(', '),
    source: EVENTS,
    condition: [],
    table: 'gateway_usage',
    columns: (sign) => SUM_COLUMNS.map((column) => (sign ? `${sign} * ${column} AS ${column}` : column)).join(', '),
  });
}

/** The same for units: one row per event or kept sum and unit. */
export function unitsToSum(query: UsageQuery, sql: UsageSql): SummedRows {
  return union(query, sql, {
    fromEvents: `unit.key AS unit, ${sql.unitValue} AS count`,
    source: `${EVENTS}, ${sql.eachUnit}`,
    condition: ['units IS NOT NULL'],
    table: 'gateway_usage_units',
    columns: (sign) => (sign ? `unit, ${sign} * count AS count` : 'unit, count'),
  });
}

/** The table of sums by the dimensions that not every request has. */
export const DIMENSION_TABLE = {
  gateway_usage: 'gateway_usage_dimensions',
  gateway_usage_units: 'gateway_usage_dimension_units',
} as const;

interface Summed {
  /** What is read of an event. */
  readonly fromEvents: string;
  readonly source: string;
  readonly condition: readonly string[];
  readonly table: keyof typeof DIMENSION_TABLE;
  /** What is read of a kept sum, times a sign. */
  readonly columns: (sign?: string) => string;
}

function union(query: SumQuery, sql: UsageSql, summed: Summed): SummedRows {
  const own = ownDimension(query);
  const parameters: (string | number)[] = [];
  const parts = usageParts(query);
  // Several of the dimensions that not every request has are only known to events.
  const several = parts.every(({ source }) => source === 'event') ? ', end_user, session, tags' : '';
  const texts = parts.flatMap(({ source, from, to }) => {
    const where = (more: readonly string[]) => conditionsOf(query, { source, from, to }, sql, parameters, more);
    if (source === 'event') {
      const more = own ? `, ${eventValue(own, sql)} AS value` : several;
      return `SELECT account_id, key_id, model, via, at${more}, ${summed.fromEvents}
        FROM ${summed.source} WHERE ${where(summed.condition)}`;
    }
    const kept = "account_id, NULLIF(key_id, '') AS key_id, model, via, start AS at";
    const all = `SELECT ${kept}${own ? ', NULL AS value' : ''}, ${summed.columns()}
      FROM ${summed.table} WHERE ${where([`grain = '${source}'`])}`;
    if (!own) return all;
    // What a request without a value used is what all used, less what those with one did.
    const grain = `grain = '${source.replace('all_', '')}'`;
    const named = `SELECT ${kept}, CASE s.sign WHEN 1 THEN value END AS value, ${summed.columns('s.sign')}
      FROM ${DIMENSION_TABLE[summed.table]}, (SELECT 1 AS sign UNION ALL SELECT -1) AS s
      WHERE ${where([grain, sql.ofDimension(literal(own))])}`;
    return [all, named];
  });
  return { text: texts.join(' UNION ALL '), parameters };
}

/** The conditions of a query on one part of its range; adds their parameters. */
function conditionsOf(
  query: SumQuery,
  { source, from, to }: UsagePart,
  { placeholder, accountIn }: UsageSql,
  parameters: (string | number)[],
  more: readonly string[],
): string {
  const time = source === 'event' ? 'at' : 'start';
  const conditions = ['1 = 1', ...more];
  const add = (value: string | number | undefined, condition: (place: string) => string) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(condition(placeholder(parameters.length)));
  };
  add(query.accountId, (account) => `account_id = ${account}`);
  add(query.accountIds && JSON.stringify(query.accountIds), accountIn);
  add(query.keyId, (key) => `key_id = ${key}`);
  add(query.model, source === 'event' ? ofModel : (model) => `model = ${model}`);
  add(from, (begin) => `${time} >= ${begin}`);
  add(to, (end) => `${time} < ${end}`);
  if (source === 'event' && query.id !== undefined) add(packId(query.id), (id) => `e.id = ${id}`);
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
