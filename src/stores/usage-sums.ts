import { BUCKET_NAMES, TOKEN_BUCKETS } from '../lib/usage.js';
import type { UsageQuery } from '../meter/usage-log.js';
import { packId } from './packed-ids.js';
import { type UsagePart, usageParts } from './usage-parts.js';

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);

/** What is kept of each hour and day. `known_cost` is the part of `cost` whose provider cost is known. */
export const SUM_COLUMNS = ['requests', 'with_units', ...TOKEN_COLUMNS, 'cost', 'provider_cost', 'known_cost'] as const;

/** Events with what many of them share. */
export const EVENTS = 'gateway_events e JOIN gateway_event_kinds k ON k.id = e.kind_id';
/** The condition that an event is of a model. */
export const ofModel = (model: string) => `kind_id IN (SELECT id FROM gateway_event_kinds WHERE model = ${model})`;

/** What differs between the databases. */
export interface UsageSql {
  /** Writes the n-th parameter. */
  readonly placeholder: (n: number) => string;
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
}

/** A subquery with the rows to sum, and its parameters. */
export interface SummedRows {
  readonly text: string;
  readonly parameters: readonly (string | number)[];
}

/** The rows whose sums a query asks for: kept sums, and events where a range begins or ends within an hour. */
export function rowsToSum(query: UsageQuery, sql: UsageSql): SummedRows {
  const parts = usageParts(query);
  const [only] = parts;
  const more = parts.length === 1 && only?.source === 'event' ? ', end_user, session, tags' : '';
  const sums = ['1', 'CASE WHEN units IS NULL THEN 0 ELSE 1 END', ...TOKEN_COLUMNS, 'cost', 'provider_cost'];
  const known = 'CASE WHEN provider_cost IS NOT NULL THEN cost END';
  const ofEvents = [...sums, known].map((value, i) => `${value} AS ${SUM_COLUMNS[i]}`).join(', ');
  return union(query, parts, sql, (source) =>
    source === 'event'
      ? `SELECT account_id, key_id, model, via, at${more}, ${ofEvents} FROM ${EVENTS} WHERE`
      : `SELECT account_id, NULLIF(key_id, '') AS key_id, model, via, start AS at, ${SUM_COLUMNS.join(', ')}
         FROM gateway_usage WHERE grain = '${source}' AND`,
  );
}

/** The same for units: one row per event or kept sum and unit. */
export function unitsToSum(query: UsageQuery, sql: UsageSql): SummedRows {
  const parts = usageParts(query);
  const [only] = parts;
  const more = parts.length === 1 && only?.source === 'event' ? ', end_user, session, tags' : '';
  return union(query, parts, sql, (source) =>
    source === 'event'
      ? `SELECT account_id, key_id, model, via, at${more}, unit.key AS unit, ${sql.unitValue} AS count
         FROM ${EVENTS}, ${sql.eachUnit} WHERE units IS NOT NULL AND`
      : `SELECT account_id, NULLIF(key_id, '') AS key_id, model, via, start AS at, unit, count
         FROM gateway_usage_units WHERE grain = '${source}' AND`,
  );
}

function union(
  query: UsageQuery,
  parts: readonly UsagePart[],
  { placeholder }: UsageSql,
  select: (source: UsagePart['source']) => string,
): SummedRows {
  const parameters: (string | number)[] = [];
  const texts = parts.map(({ source, from, to }) => {
    const time = source === 'event' ? 'at' : 'start';
    const conditions = ['1 = 1'];
    const add = (value: string | number | undefined, condition: (place: string) => string) => {
      if (value === undefined) return;
      parameters.push(value);
      conditions.push(condition(placeholder(parameters.length)));
    };
    add(query.accountId, (account) => `account_id = ${account}`);
    add(query.keyId, (key) => `key_id = ${key}`);
    add(query.model, source === 'event' ? ofModel : (model) => `model = ${model}`);
    add(from, (begin) => `${time} >= ${begin}`);
    add(to, (end) => `${time} < ${end}`);
    if (source === 'event' && query.id !== undefined) add(packId(query.id), (id) => `e.id = ${id}`);
    return `${select(source)} ${conditions.join(' AND ')}`;
  });
  return { text: texts.join(' UNION ALL '), parameters };
}
