import { allowanceRoom, type Standing } from '../../meter/decisions.js';
import type { AllowanceWindow, BudgetWindow, GrantPart, PaymentTerms } from '../../meter/holds.js';
import type { AccountStanding, AllowanceRecord, BudgetUse, Funds } from '../../meter/ledger.js';
import type { AccountAudit } from '../../meter/meter.js';
import { standingStatements, toStandings } from '../account-standings.js';
import {
  ALLOWANCE_COLUMNS,
  BUDGET_COLUMNS,
  GRANT_COLUMNS,
  HOLD_COLUMNS,
  toAllowance,
  toBudget,
  toGrant,
  toOpenHold,
} from '../ledger-rows.js';
import { packId, unpackId } from '../packed-ids.js';
import { integer, money, optionalText, text } from '../row-values.js';
import type { SqliteConnection, SqliteRow, SqliteValue } from './sqlite-database.js';
import type { SqliteReports } from './sqlite-reports.js';
import { statementFor } from './statement-for.js';

/** The row of an account, which every step reads first and writes last. */
export interface AccountRow {
  readonly accountId: string;
  balance: bigint;
  held: bigint;
  /** Counters of its entries and events. */
  entries: number;
  events: number;
  /** How many grants can be drawn on. */
  grants: number;
  /** True: a refusal for lack of money has been announced since the last credit. */
  empty: boolean;
}

export function accountOf(connection: SqliteConnection, accountId: string): AccountRow {
  const row = connection.get(
    `SELECT CAST(balance AS TEXT) AS balance, CAST(held AS TEXT) AS held, entries, events, grants, empty
     FROM gateway_balances WHERE account_id = ?`,
    accountId,
  );
  return {
    accountId,
    balance: money(row?.['balance'] ?? 0),
    held: money(row?.['held'] ?? 0),
    entries: integer(row?.['entries'] ?? 0),
    events: integer(row?.['events'] ?? 0),
    grants: integer(row?.['grants'] ?? 0),
    empty: integer(row?.['empty'] ?? 0) === 1,
  };
}

export function saveAccount(connection: SqliteConnection, account: AccountRow): void {
  connection.run(
    `INSERT INTO gateway_balances (account_id, balance, held, entries, events, grants, empty) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (account_id) DO UPDATE SET balance = excluded.balance, held = excluded.held,
       entries = excluded.entries, events = excluded.events, grants = excluded.grants, empty = excluded.empty`,
    account.accountId,
    account.balance,
    account.held,
    account.entries,
    account.events,
    account.grants,
    account.empty ? 1 : 0,
  );
}

/**
 * True when the id of a request was used before in this account. The event is looked up by its id: without statistics
 * SQLite would rather read all events of the account, and `+` keeps it from that.
 */
export function isUsed(connection: SqliteConnection, accountId: string, id: string): boolean {
  const row = connection.get(
    `SELECT EXISTS (SELECT 1 FROM gateway_holds WHERE id = ? AND account_id = ?)
       OR EXISTS (SELECT 1 FROM gateway_events WHERE id = ? AND +account_id = ?) AS used`,
    id,
    accountId,
    packId(id),
    accountId,
  );
  return integer(row?.['used']) === 1;
}

/** What a request could draw on. */
export function standingOf(
  connection: SqliteConnection,
  { accountId, balance, held, grants }: AccountRow,
  { allowances = [], budgets = [] }: PaymentTerms,
  now: number,
): Standing {
  const row = countsOf(connection, accountId, allowances, budgets, now);
  let parts: GrantPart[] | undefined;
  return {
    balance: balance - held,
    // Read when they are asked for: most requests of a plan with allowances draw on nothing else.
    get grants() {
      parts ??= grants > 0 ? openGrants(connection, accountId, now).map(toFreePart) : [];
      return parts;
    },
    allowances: allowances.map((asked, i) => allowanceRoom(asked, toRunning(row[`w${i}`]), now)),
    budgets: budgets.map(({ subject, limit }, i) => ({ subject, left: limit - money(row[`b${i}`] ?? 0) })),
  };
}

const RUNNING = `(SELECT starts_at || ' ' || ends_at || ' ' || used || ' ' || held FROM gateway_allowances
  WHERE account_id = ? AND allowance = ? AND ends_at > ? ORDER BY ends_at DESC LIMIT 1)`;
const TAKEN = `(SELECT CAST(spent + held AS TEXT) FROM gateway_budgets
  WHERE account_id = ? AND subject = ? AND budget_window = ?)`;

const countsStatement = statementFor((windows, budgets) => {
  const columns = [
    ...Array.from({ length: windows }, (_, i) => `${RUNNING} AS w${i}`),
    ...Array.from({ length: budgets }, (_, i) => `${TAKEN} AS b${i}`),
  ];
  return `SELECT ${columns.join(', ')}`;
});

/** What is taken of each window and budget, all in one statement: a call costs more than the rows that it reads. */
function countsOf(
  connection: SqliteConnection,
  accountId: string,
  allowances: readonly AllowanceWindow[],
  budgets: readonly BudgetWindow[],
  now: number,
): SqliteRow {
  if (allowances.length + budgets.length === 0) return {};
  const parameters: SqliteValue[] = [];
  for (const { id } of allowances) parameters.push(accountId, id, now);
  for (const { subject, window } of budgets) parameters.push(accountId, subject, window);
  return connection.get(countsStatement(allowances.length, budgets.length), ...parameters) ?? {};
}

/** Reads what `RUNNING` selects; undefined when no window runs. */
function toRunning(value: unknown): Omit<AllowanceRecord, 'id'> | undefined {
  const [startsAt, endsAt, used, held] = optionalText(value)?.split(' ') ?? [];
  if (used === undefined || held === undefined) return undefined;
  return { startsAt: Number(startsAt), endsAt: Number(endsAt), used: BigInt(used), held: BigInt(held) };
}

function runningWindow(
  connection: SqliteConnection,
  accountId: string,
  id: string,
  now: number,
): SqliteRow | undefined {
  return connection.get(
    `SELECT ${ALLOWANCE_COLUMNS} FROM gateway_allowances
     WHERE account_id = ? AND allowance = ? AND ends_at > ? ORDER BY ends_at DESC LIMIT 1`,
    accountId,
    id,
    now,
  );
}

function openGrants(connection: SqliteConnection, accountId: string, now: number): SqliteRow[] {
  return connection.all(
    `SELECT ${GRANT_COLUMNS} FROM gateway_grants WHERE account_id = ? AND open = 1
     AND (expires_at IS NULL OR expires_at > ?) ORDER BY expires_at NULLS LAST, seq`,
    accountId,
    now,
  );
}

function toFreePart(row: SqliteRow): GrantPart {
  return { id: text(row['id']), amount: money(row['free']) };
}

const countWindows = statementFor(
  (windows) => `INSERT INTO gateway_allowances (account_id, allowance, ends_at, starts_at, used, held)
    VALUES ${Array(windows).fill('(?, ?, ?, ?, ?, MAX(0, ?))').join(', ')}
    ON CONFLICT (account_id, allowance, ends_at) DO UPDATE SET used = used + excluded.used, held = held + ?`,
);

/** Adds to what is used and held in a window of each allowance. */
export function countAllowances(
  connection: SqliteConnection,
  accountId: string,
  windows: readonly AllowanceWindow[],
  used: bigint,
  held: bigint,
): void {
  if (windows.length === 0) return;
  const parameters: SqliteValue[] = [];
  for (const { id, startsAt, endsAt } of windows) parameters.push(accountId, id, endsAt, startsAt, used, held);
  connection.run(countWindows(windows.length), ...parameters, held);
}

/** Adds `used` and `held` times each part to its grant; returns how many can't be drawn on any more. */
export function moveGrants(
  connection: SqliteConnection,
  accountId: string,
  parts: readonly GrantPart[],
  used: bigint,
  held: bigint,
): number {
  let closed = 0;
  for (const { id, amount } of parts) {
    const row = connection.get(
      `UPDATE gateway_grants SET used = used + ?, held = held + ?,
         open = CASE WHEN used + ? >= amount THEN 0 ELSE open END
       WHERE account_id = ? AND id = ? RETURNING open`,
      used * amount,
      held * amount,
      used * amount,
      accountId,
      id,
    );
    if (used > 0n && integer(row?.['open']) === 0) closed++;
  }
  return closed;
}

type BudgetName = Pick<BudgetWindow, 'subject' | 'window'>;

const countSpent = statementFor(
  (budgets) => `INSERT INTO gateway_budgets (account_id, subject, budget_window, spent, held)
    VALUES ${Array(budgets).fill('(?, ?, ?, ?, MAX(0, ?))').join(', ')}
    ON CONFLICT (account_id, subject, budget_window) DO UPDATE SET spent = spent + excluded.spent, held = held + ?`,
);

/** Adds to what is spent and held of budgets. */
export function countBudgets(
  connection: SqliteConnection,
  accountId: string,
  budgets: readonly BudgetName[],
  spent: bigint,
  held: bigint,
): void {
  if (budgets.length === 0) return;
  const parameters: SqliteValue[] = [];
  for (const { subject, window } of budgets) parameters.push(accountId, subject, window, spent, held);
  connection.run(countSpent(budgets.length), ...parameters, held);
}

export function budgetOf(connection: SqliteConnection, accountId: string, subject: string, window: string): BudgetUse {
  const row = connection.get(
    `SELECT CAST(spent AS TEXT) AS spent, CAST(held AS TEXT) AS held FROM gateway_budgets
     WHERE account_id = ? AND subject = ? AND budget_window = ?`,
    accountId,
    subject,
    window,
  );
  return { spent: money(row?.['spent'] ?? 0), held: money(row?.['held'] ?? 0) };
}

export function funds(connection: SqliteConnection, accountId: string, now: number): Funds {
  const { balance, held } = accountOf(connection, accountId);
  const ids = connection.all(
    'SELECT DISTINCT allowance FROM gateway_allowances WHERE account_id = ? AND ends_at > ? ORDER BY allowance',
    accountId,
    now,
  );
  return {
    balance,
    held,
    grants: openGrants(connection, accountId, now).map(toGrant),
    allowances: ids.flatMap((row) => {
      const running = runningWindow(connection, accountId, text(row['allowance']), now);
      return running ? [toAllowance(running)] : [];
    }),
  };
}

const IN_LIST = 'IN (SELECT value FROM json_each(?))';
const STANDINGS = standingStatements({ accounts: IN_LIST, windows: IN_LIST, now: '?', open: 'open = 1' });

/** What many accounts can draw on, in their order. */
export async function fundsOfAll(
  reports: SqliteReports,
  accountIds: readonly string[],
  budgetWindows: readonly string[],
  now: number,
): Promise<AccountStanding[]> {
  const ids = JSON.stringify(accountIds);
  return toStandings(accountIds, {
    balances: await reports.rows(STANDINGS.balances, ids),
    grants: await reports.rows(STANDINGS.grants, ids, now),
    allowances: await reports.rows(STANDINGS.allowances, ids, now),
    budgets:
      budgetWindows.length === 0 ? [] : await reports.rows(STANDINGS.budgets, ids, JSON.stringify(budgetWindows)),
  });
}

export function audit(connection: SqliteConnection, accountId: string): AccountAudit {
  const of = (columns: string, table: string, condition = '') =>
    connection.all(`SELECT ${columns} FROM ${table} WHERE account_id = ? ${condition}`, accountId);
  return {
    openHolds: of(HOLD_COLUMNS, 'gateway_holds', "AND state = 'open'").map(toOpenHold),
    settled: of('id', 'gateway_events').map((row) => unpackId(text(row['id']))),
    budgets: of(BUDGET_COLUMNS, 'gateway_budgets').map(toBudget),
    allowances: of(ALLOWANCE_COLUMNS, 'gateway_allowances').map(toAllowance),
    grants: of(GRANT_COLUMNS, 'gateway_grants').map((row) => ({
      id: text(row['id']),
      left: money(row['rest']),
      held: money(row['held']),
    })),
  };
}
