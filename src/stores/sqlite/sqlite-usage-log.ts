import { BUCKET_NAMES, TOKEN_BUCKETS } from '../../lib/usage.js';
import type {
  AccountUsage,
  Charge,
  Page,
  UsageEvent,
  UsageQuery,
  UsageRange,
  UsageTotals,
} from '../../meter/usage-log.js';
import { accountTotals, newestStatement, toAccountUsage } from '../account-usage.js';
import { KIND_COLUMNS, kindOf } from '../event-kinds.js';
import { chargesToText } from '../ledger-rows.js';
import { packId } from '../packed-ids.js';
import { integer } from '../row-values.js';
import {
  EVENT_COLUMNS,
  EVENT_SOURCE,
  toEvent,
  toTotals,
  totalsStatement,
  unitsStatement,
  whereOf,
  whereText,
} from '../usage-rows.js';
import type { UsageSql } from '../usage-sums.js';
import type { SqliteConnection } from './sqlite-database.js';
import type { SqliteReports } from './sqlite-reports.js';
import { addToSums } from './sqlite-usage-sums.js';

const COLUMNS = [
  ...['seq', 'id', 'account_id', 'key_id', 'end_user', 'session', 'tags', 'at'],
  ...[...BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column), 'units', 'reported_cost'],
  ...['kind_id', 'cost', 'provider_cost', 'charged'],
];
const ADD_EVENT = `INSERT INTO gateway_events (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;

const USAGE_SQL: UsageSql = {
  placeholder: () => '?',
  isIn: (column, place) => `${column} IN (SELECT value FROM json_each(${place}))`,
  ofAccount: (place) => `account_id = ${place}`,
  ofAccounts: (place) => `account_id IN (SELECT value FROM json_each(${place}))`,
  collation: '',
  unindexed: (column) => `+${column}`,
  tag: (name) => `(SELECT value FROM json_each(tags) WHERE key = ${name})`,
  eachUnit: 'json_each(units) AS unit',
  unitValue: 'unit.value',
  unitSum: (column) => `ROUND(SUM(${column}), 9)`,
  ofDimension: (name) => `dimension = ${name}`,
};

/** Adds a usage event; runs inside the transaction of its settlement. */
export function addEvent(
  connection: SqliteConnection,
  event: UsageEvent,
  seq: number,
  charged: readonly Charge[] | undefined,
): void {
  const { usage } = event;
  connection.run(
    ADD_EVENT,
    ...[seq, packId(event.id), event.accountId, event.keyId, event.endUser ?? null, event.session ?? null],
    ...[event.tags ? JSON.stringify(event.tags) : null, event.at],
    ...BUCKET_NAMES.map((name) => usage[name]),
    ...[usage.units ? JSON.stringify(usage.units) : null, usage.reportedCost ?? null],
    ...[keepKind(connection, event), event.cost, event.providerCost ?? null, chargesToText(charged, event.cost)],
  );
  addToSums(connection, event);
}

/** Keeps what the event shares with others, and returns its number. */
function keepKind(connection: SqliteConnection, event: UsageEvent): bigint {
  const { id, values, priceId, price } = kindOf(event);
  if (connection.get('SELECT 1 AS known FROM gateway_event_kinds WHERE id = ?', id)) return id;
  connection.run('INSERT OR IGNORE INTO gateway_prices (id, price) VALUES (?, ?)', priceId, price);
  const places = values.map(() => '?').join(', ');
  connection.run(`INSERT INTO gateway_event_kinds (id, ${KIND_COLUMNS}) VALUES (?, ${places})`, id, ...values);
  return id;
}

export async function usage(reports: SqliteReports, query: UsageQuery): Promise<UsageTotals[]> {
  const totals = totalsStatement(query, USAGE_SQL);
  const rows = await reports.rows(totals.text, ...totals.parameters);
  const counted = rows.some((row) => integer(row['with_units']) > 0);
  const unitTotals = counted ? unitsStatement(query, USAGE_SQL, rows) : undefined;
  const units = unitTotals ? await reports.rows(unitTotals.text, ...unitTotals.parameters) : [];
  return toTotals(query, rows, units);
}

/** A table of the accounts in a JSON list. */
export const LISTED_ACCOUNTS = '(SELECT value AS account_id FROM json_each(?)) AS a';

export async function usageOfAll(
  reports: SqliteReports,
  accountIds: readonly string[],
  from: number | undefined,
): Promise<AccountUsage[]> {
  const totals = accountTotals(accountIds, from, USAGE_SQL);
  return toAccountUsage(
    accountIds,
    await reports.rows(totals.text, ...totals.parameters),
    await reports.rows(newestStatement('gateway_events', LISTED_ACCOUNTS), JSON.stringify(accountIds)),
  );
}

export async function events(reports: SqliteReports, range: UsageRange, page: Page): Promise<UsageEvent[]> {
  const { conditions, parameters } = whereOf(range, USAGE_SQL);
  if (page.before !== undefined) {
    conditions.push(`(at, account_id, seq) < (SELECT at, account_id, seq FROM gateway_events
      WHERE id = ? AND account_id = COALESCE(?, account_id) LIMIT 1)`);
    parameters.push(packId(page.before));
  }
  const account = page.before === undefined ? [] : [range.accountId ?? null];
  const rows = await reports.rows(
    `SELECT ${EVENT_COLUMNS} FROM ${EVENT_SOURCE} ${whereText(conditions)}
     ORDER BY at DESC, account_id DESC, seq DESC LIMIT ?`,
    ...parameters,
    ...account,
    page.limit,
  );
  return rows.map(toEvent);
}
