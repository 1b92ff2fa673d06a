import type { AccountAudit, FullMeter } from '../../meter/meter.js';
import type { Notices } from '../../meter/notices.js';
import type { UsageLog, UsageQuery, UsageTotals } from '../../meter/usage-log.js';
import { accountTotals, newestStatement, toAccountUsage } from '../account-usage.js';
import {
  ALLOWANCE_COLUMNS,
  BUDGET_COLUMNS,
  GRANT_COLUMNS,
  HOLD_COLUMNS,
  NOTICE_COLUMNS,
  toAllowance,
  toBudget,
  toNotice,
  toOpenHold,
} from '../ledger-rows.js';
import { packId, unpackId } from '../packed-ids.js';
import { ReportQueue } from '../report-queue.js';
import { integer, money, text } from '../row-values.js';
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
import { ACCOUNT_HASH, ofAccountEvents } from './account-events.js';
import { type PostgresConnection, REPORTS_AT_ONCE } from './postgres-connection.js';
import { postgresHolds } from './postgres-holds.js';
import { postgresGrants, postgresLedger, postgresPromoCodes } from './postgres-ledger.js';
import { LISTED_ACCOUNTS } from './postgres-request-log.js';

const LISTED = (place: string) => `SELECT jsonb_array_elements_text(${place}::text::jsonb)`;

const USAGE_SQL: UsageSql = {
  placeholder: (n) => `$${n}`,
  isIn: (column, place) => `${column} = ANY (ARRAY(${LISTED(place)}))`,
  ofAccount: ofAccountEvents,
  ofAccounts: (
    place,
  ) => `${ACCOUNT_HASH} = ANY (ARRAY(SELECT hashtextextended(listed, 0) FROM (${LISTED(place)}) AS l (listed)))
    AND account_id = ANY (ARRAY(${LISTED(place)}))`,
  collation: ' COLLATE "C"',
  unindexed: (column) => column,
  tag: (name) => `(tags ->> ${name})`,
  eachUnit: 'jsonb_each_text(units) AS unit (key, value)',
  unitValue: 'unit.value::numeric',
  unitSum: (column) => `SUM(${column})`,
  ofDimension: (name) => `dimension = gateway_hash(${name})`,
};

/** The same where values are a list of texts, as those of a long report are. */
const REPORT_SQL: UsageSql = {
  ...USAGE_SQL,
  placeholder: (n, value) => (typeof value === 'number' ? `($1)[${n}]::bigint` : `($1)[${n}]`),
};

/** A meter in PostgreSQL: each step of an account is one statement that locks the account's row. */
export function postgresMeter(connection: PostgresConnection, distributed?: 'citus'): FullMeter {
  return {
    ...postgresHolds(connection),
    ...postgresLedger(connection),
    ...postgresGrants(connection),
    ...postgresPromoCodes(connection),
    ...postgresUsageLog(connection),
    // One statement that reads many accounts, each by its index, would have to run on many nodes.
    ...(!distributed && { usageOfAll: (ids, from) => usageOfAll(connection, ids, from) }),
    ...postgresNotices(connection),
    audit: (accountId) => audit(connection, accountId),
    async clock() {
      const row = await connection.row('SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now', []);
      return integer(row?.['now']);
    },
  };
}

function postgresUsageLog(connection: PostgresConnection): UsageLog {
  const queue = new ReportQueue(REPORTS_AT_ONCE, connection.reportLimitMs, () => connection.statements);
  return {
    usage: (query) => queue.run(JSON.stringify(query), () => usage(connection, query)),

    async events(range, page) {
      const { conditions, parameters } = whereOf(range, USAGE_SQL);
      if (page.before !== undefined) {
        parameters.push(packId(page.before));
        const account = range.accountId === undefined ? '' : ' AND account_id = $1';
        conditions.push(`(at, account_id, seq) <
          (SELECT at, account_id, seq FROM gateway_events WHERE id = $${parameters.length}${account} LIMIT 1)`);
      }
      const rows = await connection.reportRows(
        `SELECT ${EVENT_COLUMNS} FROM ${EVENT_SOURCE} ${whereText(conditions)}
         ORDER BY at DESC, account_id DESC, seq DESC LIMIT ${page.limit}`,
        parameters,
      );
      return rows.map(toEvent);
    },
  };
}

const NEWEST_EVENTS = newestStatement('gateway_events', LISTED_ACCOUNTS, ofAccountEvents('a.account_id'));

async function usageOfAll(connection: PostgresConnection, accountIds: readonly string[], from: number | undefined) {
  const totals = accountTotals(accountIds, from, REPORT_SQL);
  const sums = await connection.longReportRows(totals.text, totals.parameters);
  const newest = await connection.reportRows(NEWEST_EVENTS, [[...accountIds]]);
  return toAccountUsage(accountIds, sums, newest);
}

async function usage(connection: PostgresConnection, query: UsageQuery): Promise<UsageTotals[]> {
  const totals = totalsStatement(query, REPORT_SQL);
  const rows = await connection.longReportRows(totals.text, totals.parameters);
  const counted = rows.some((row) => integer(row['with_units']) > 0);
  const unitTotals = counted ? unitsStatement(query, REPORT_SQL, rows) : undefined;
  const units = unitTotals ? await connection.longReportRows(unitTotals.text, unitTotals.parameters) : [];
  return toTotals(query, rows, units);
}

function postgresNotices(connection: PostgresConnection): Notices {
  return {
    async addNotice({ accountId, id, type, at, data }) {
      await connection.row(
        `INSERT INTO gateway_notices (account_id, id, type, at, data, attempts, due_at)
         VALUES ($1, $2, $3, $4, $5::text::jsonb, 0, $4) ON CONFLICT DO NOTHING`,
        [accountId, id, type, at, JSON.stringify(data)],
      );
    },
    async takeNotices(now, dueAgainAt, limit) {
      const rows = await connection.rows(
        // What another process takes at the same time is no longer due once its lock is gone.
        `WITH due AS (SELECT account_id, id FROM gateway_notices WHERE due_at <= $1 ORDER BY due_at, at LIMIT $3)
         UPDATE gateway_notices n SET due_at = $2, attempts = n.attempts + 1 FROM due
         WHERE n.account_id = due.account_id AND n.id = due.id AND n.due_at <= $1 RETURNING ${NOTICE_COLUMNS.replace(/(\w+)/g, 'n.$1')}`,
        [now, dueAgainAt, limit],
      );
      return rows.map(toNotice).sort((a, b) => a.at - b.at);
    },
    async endNotice({ accountId, id }) {
      await connection.row('DELETE FROM gateway_notices WHERE account_id = $1 AND id = $2', [accountId, id]);
    },
    async retryNotice({ accountId, id }, dueAt) {
      const statement = 'UPDATE gateway_notices SET due_at = $3 WHERE account_id = $1 AND id = $2';
      await connection.row(statement, [accountId, id, dueAt]);
    },
  };
}

async function audit(connection: PostgresConnection, accountId: string): Promise<AccountAudit> {
  const of = (columns: string, table: string, condition = '') =>
    connection.rows(`SELECT ${columns} FROM ${table} WHERE account_id = $1 ${condition}`, [accountId]);
  const holds = await of(HOLD_COLUMNS, 'gateway_holds', "AND state = 'open'");
  const settled = await connection.rows(`SELECT id FROM gateway_events WHERE ${ofAccountEvents('$1')}`, [accountId]);
  const budgets = await of(BUDGET_COLUMNS, 'gateway_budgets', 'AND (spent <> 0 OR held <> 0)');
  const allowances = await of(ALLOWANCE_COLUMNS, 'gateway_allowances');
  const grants = await of(GRANT_COLUMNS, 'gateway_grants');
  return {
    openHolds: holds.map(toOpenHold),
    settled: settled.map((row) => unpackId(text(row['id']))),
    budgets: budgets.map(toBudget),
    allowances: allowances.map(toAllowance),
    grants: grants.map((row) => ({ id: text(row['id']), left: money(row['rest']), held: money(row['held']) })),
  };
}
