import { mapInTurns } from '../lib/in-turns.js';
import {
  addUnits,
  BUCKET_NAMES,
  countsOf,
  TOKEN_BUCKETS,
  type TokenCounts,
  type UnitCounts,
  type UsageSource,
} from '../lib/usage.js';
import { priceFromJson } from '../meter/settlement-json.js';
import type {
  Outcome,
  UsageDimension,
  UsageEvent,
  UsageFlag,
  UsageQuery,
  UsageRange,
  UsageTotals,
  Via,
} from '../meter/usage-log.js';
import { chargesFromText, parsedJson } from './ledger-rows.js';
import { packId, unpackId } from './packed-ids.js';
import { defined, integer, money, optionalInteger, optionalText, text } from './row-values.js';
import { namedGroups } from './usage-groups.js';
import { ownDimension } from './usage-parts.js';
import {
  EVENTS,
  eventValue,
  ofModel,
  rowsToSum,
  type Statement,
  type SumQuery,
  type UsageSql,
  unitsToSum,
} from './usage-sums.js';

type Row = Readonly<Record<string, unknown>>;

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What a group by each dimension selects; `at / n` is an integer division in SQLite and PostgreSQL alike. */
const GROUPS: Readonly<Record<string, string>> = {
  account: 'account_id',
  model: 'model',
  key: 'key_id',
  day: `at / ${DAY_MS}`,
  hour: `at / ${HOUR_MS}`,
  via: 'via',
};

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);

/** The columns of an event with its price, money as text; from `EVENT_SOURCE`. */
export const EVENT_COLUMNS = `e.id, account_id, key_id, via, end_user, session, tags, at, model, provider, upstream_model,
  ${TOKEN_COLUMNS.join(', ')}, units, source, reported_cost, price, CAST(cost AS TEXT) AS cost,
  CAST(provider_cost AS TEXT) AS provider_cost, charged, outcome, flags`;

export const EVENT_SOURCE = `${EVENTS} JOIN gateway_prices p ON p.id = k.price_id`;

/** The conditions of a range, with their parameters. */
export function whereOf(
  range: UsageRange,
  { placeholder, ofAccount, unindexed }: UsageSql,
): { readonly conditions: string[]; readonly parameters: (string | number)[] } {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (value: string | number | undefined, condition: (place: string) => string) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(condition(placeholder(parameters.length, value)));
  };
  // An id names one event: no index of the account's events may be preferred to it.
  add(range.accountId, range.id === undefined ? ofAccount : (account) => `${unindexed('account_id')} = ${account}`);
  add(range.keyId, (key) => `key_id = ${key}`);
  add(range.model, ofModel);
  add(range.from, (begin) => `at >= ${begin}`);
  add(range.to, (end) => `at < ${end}`);
  if (range.id !== undefined) add(packId(range.id), (id) => `e.id = ${id}`);
  return { conditions, parameters };
}

export function whereText(conditions: readonly string[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
}

/** The statement that sums what a query asks for. */
export function totalsStatement(query: SumQuery, sql: UsageSql): Statement {
  const groups = query.groupBy.map((dimension) => groupOf(dimension, query, sql));
  const selected = groups.map((group, i) => `${group} AS group_${i}`);
  const sums = TOKEN_COLUMNS.map((column) => `CAST(SUM(${column}) AS TEXT) AS ${column}`);
  const order = query.groupBy.map((dimension, i) =>
    dimension === 'day' || dimension === 'hour' ? `${groups[i]}` : `${groups[i]}${sql.collation} NULLS FIRST`,
  );
  const more = [
    'SUM(requests) AS requests',
    'SUM(with_units) AS with_units',
    'CAST(SUM(cost) AS TEXT) AS cost',
    // Also where they are the rest of a subtraction: null where no provider cost of a group is known.
    'CAST(CASE WHEN SUM(known) > 0 THEN SUM(provider_cost) END AS TEXT) AS provider_cost',
    'CAST(CASE WHEN SUM(known) > 0 THEN SUM(known_cost) - SUM(provider_cost) END AS TEXT) AS margin',
    ...(query.top === undefined ? [] : ['COUNT(*) OVER () AS groups_in_all']),
  ];
  const largest = query.top === undefined ? [] : ['SUM(e.cost) DESC', 'SUM(e.requests) DESC'];
  const limit = query.top === undefined ? '' : `LIMIT ${query.top}`;
  const { text: rows, parameters } = rowsToSum(query, sql);
  const text = `SELECT ${[...selected, ...sums, ...more].join(', ')} FROM (${rows}) AS e
    ${groups.length > 0 ? `GROUP BY ${groups.join(', ')}` : ''} HAVING SUM(requests) > 0
    ${groups.length > 0 ? `ORDER BY ${[...largest, ...order].join(', ')} ${limit}` : ''}`;
  return { text, parameters };
}

/**
 * The statement that sums the units of a query, one row per group and unit.
 *
 * @param found what `totalsStatement` found: of a query for the largest groups, units are summed of those alone.
 */
export function unitsStatement(query: UsageQuery, sql: UsageSql, found: readonly Row[]): Statement {
  const groups = query.groupBy.map((dimension) => groupOf(dimension, query, sql));
  const selected = groups.map((group, i) => `${group} AS group_${i}`);
  const { text: rows, parameters, subtracts } = unitsToSum(query, sql);
  const [first] = groups;
  const named = found.map((row) => optionalText(row['group_0'])).filter((value) => value !== undefined);
  const only = query.top !== undefined && first !== undefined && named.length === found.length;
  const place = (name: string, i: number) => `CAST(${sql.placeholder(parameters.length + i + 1, name)} AS TEXT)`;
  const where = only ? `WHERE CAST(${first} AS TEXT) IN (${named.map(place).join(', ')})` : '';
  const text = `SELECT ${[...selected, 'unit', `CAST(${sql.unitSum('count')} AS TEXT) AS count`].join(', ')} FROM (${rows}) AS e ${where}
    GROUP BY ${[...groups, 'unit'].join(', ')} ${subtracts ? `HAVING ${sql.unitSum('count')} <> 0` : ''}`;
  return { text, parameters: only ? [...parameters, ...named] : parameters };
}

function groupOf(dimension: UsageDimension, query: UsageQuery, sql: UsageSql): string {
  const group = GROUPS[dimension];
  if (group !== undefined) return group;
  return ownDimension(query) ? 'value' : eventValue(dimension, sql);
}

/** The rows of both statements as totals, some at a time: requests and streams have their turn between them. */
export async function toTotals(
  query: UsageQuery,
  rows: readonly Row[],
  unitRows: readonly Row[],
): Promise<UsageTotals[]> {
  const keyOf = (row: Row) => JSON.stringify(query.groupBy.map((_, i) => optionalText(row[`group_${i}`]) ?? null));
  const units = new Map<string, UnitCounts>();
  for (const row of unitRows) {
    const counted = { [text(row['unit'])]: Number(row['count']) };
    units.set(keyOf(row), addUnits(units.get(keyOf(row)), counted) ?? counted);
  }
  return mapInTurns(rows, (row) => totalsOf(query, row, units.size > 0 ? units.get(keyOf(row)) : undefined));
}

function totalsOf(query: UsageQuery, row: Row, units: UnitCounts | undefined): UsageTotals {
  return {
    ...namedGroups(
      query.groupBy,
      query.groupBy.map((dimension, i) => groupText(dimension, row[`group_${i}`])),
    ),
    requests: integer(row['requests']),
    ...tokensOf(row),
    ...defined<Pick<UsageTotals, 'groups' | 'units' | 'providerCost' | 'margin'>>({
      groups: optionalInteger(row['groups_in_all']),
      units,
      providerCost: optionalMoney(row['provider_cost']),
      margin: optionalMoney(row['margin']),
    }),
    cost: money(row['cost']),
  };
}

function groupText(dimension: UsageDimension, value: unknown): string | null {
  if (dimension !== 'day' && dimension !== 'hour') return optionalText(value) ?? null;
  const [unit, length] = dimension === 'day' ? [DAY_MS, 10] : [HOUR_MS, 13];
  return new Date(integer(value) * unit).toISOString().slice(0, length);
}

/** One row of `EVENT_COLUMNS`. */
export function toEvent(row: Row): UsageEvent {
  const cost = money(row['cost']);
  const via = text(row['via']) as Via;
  return defined<UsageEvent>({
    id: unpackId(text(row['id'])),
    accountId: text(row['account_id']),
    keyId: optionalText(row['key_id']) ?? null,
    via: via === 'key' ? undefined : via,
    endUser: optionalText(row['end_user']),
    session: optionalText(row['session']),
    tags: parsedJson<Record<string, string>>(row['tags']),
    at: integer(row['at']),
    model: text(row['model']),
    provider: text(row['provider']),
    upstreamModel: text(row['upstream_model']),
    usage: {
      ...tokensOf(row),
      source: text(row['source']) as UsageSource,
      ...defined<{ units?: Record<string, number>; reportedCost?: string }>({
        units: parsedJson<Record<string, number>>(row['units']),
        reportedCost: optionalText(row['reported_cost']),
      }),
    },
    price: priceFromJson(text(row['price'])),
    cost,
    providerCost: optionalMoney(row['provider_cost']),
    charged: chargesFromText(row['charged'], cost),
    outcome: text(row['outcome']) as Outcome,
    flags: text(row['flags']).split(',').filter(Boolean) as UsageFlag[],
  });
}

function tokensOf(row: Row): TokenCounts {
  return countsOf((name) => integer(row[TOKEN_BUCKETS[name].column]));
}

function optionalMoney(value: unknown): bigint | undefined {
  return value === null || value === undefined ? undefined : money(value);
}
