import type { NanoUsd } from '../../lib/money.js';
import { allowanceRoom, type Standing } from '../../meter/decisions.js';
import type { GrantPart, HoldId, PaymentTerms } from '../../meter/holds.js';
import type { AccountStanding, BudgetUse, Funds, NamedUse } from '../../meter/ledger.js';
import type { AccountAudit } from '../../meter/meter.js';
import { newestWindows, standingStatements, toStandings } from '../account-standings.js';
import {
  ALLOWANCE_COLUMNS,
  BUDGET_COLUMNS,
  GRANT_COLUMNS,
  HOLD_COLUMNS,
  openHoldOf,
  toAllowance,
  toBudget,
  toGrant,
} from '../ledger-rows.js';
import { packId, unpackId } from '../packed-ids.js';
import { integer, money, text } from '../row-values.js';
import { AccountCounts } from './account-counts.js';
import { toParts } from './hold-parts.js';
import type { SqliteConnection, SqliteRow } from './sqlite-database.js';
import type { SqliteReports } from './sqlite-reports.js';

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
  readonly counts: AccountCounts;
}

const ACCOUNT_COLUMNS =
  'CAST(balance AS TEXT) AS balance, CAST(held AS TEXT) AS held, entries, events, grants, empty, counts';

export function accountOf(connection: SqliteConnection, accountId: string): AccountRow {
  const statement = `SELECT ${ACCOUNT_COLUMNS} FROM gateway_balances WHERE account_id = ?`;
  return toAccount(connection, accountId, connection.get(statement, accountId));
}

/**
 * The account of a request, and whether the request's id was used before. The event is looked up by its id: without
 * statistics SQLite would rather read all events of the account, and `+` keeps it from that.
 */
export function accountOfRequest(
  connection: SqliteConnection,
  { accountId, id }: HoldId,
): { readonly account: AccountRow; readonly isUsed: boolean } {
  const row = connection.get(
    `SELECT EXISTS (SELECT 1 FROM gateway_holds WHERE id = ? AND account_id = ?)
       OR EXISTS (SELECT 1 FROM gateway_events WHERE id = ? AND +account_id = ?) AS used, ${ACCOUNT_COLUMNS}
     FROM (SELECT 1) LEFT JOIN gateway_balances ON account_id = ?`,
    id,
    accountId,
    packId(id),
    accountId,
    accountId,
  );
  return { account: toAccount(connection, accountId, row), isUsed: integer(row?.['used']) === 1 };
}

function toAccount(connection: SqliteConnection, accountId: string, row: SqliteRow | undefined): AccountRow {
  return {
    accountId,
    balance: money(row?.['balance'] ?? 0),
    held: money(row?.['held'] ?? 0),
    entries: integer(row?.['entries'] ?? 0),
    events: integer(row?.['events'] ?? 0),
    grants: integer(row?.['grants'] ?? 0),
    empty: integer(row?.['empty'] ?? 0) === 1,
    counts: new AccountCounts(connection, accountId, row?.['counts']),
  };
}

export function saveAccount(connection: SqliteConnection, account: AccountRow): void {
  connection.run(
    `INSERT INTO gateway_balances (account_id, balance, held, entries, events, grants, empty, counts)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (account_id) DO UPDATE SET balance = excluded.balance, held = excluded.held, entries = excluded.entries,
       events = excluded.events, grants = excluded.grants, empty = excluded.empty, counts = excluded.counts`,
    account.accountId,
    account.balance,
    account.held,
    account.entries,
    account.events,
    account.grants,
    account.empty ? 1 : 0,
    account.counts.save(),
  );
}

/** What a request could draw on. */
export function standingOf(
  connection: SqliteConnection,
  { accountId, balance, held, grants, counts }: AccountRow,
  { allowances = [], budgets = [] }: PaymentTerms,
  now: number,
): Standing {
  return new LazyStanding(
    balance - held,
    allowances.map((asked) => allowanceRoom(asked, counts.running(asked.id, now), now)),
    budgets.map((budget) => {
      const { spent, held } = counts.budget(budget) ?? NOTHING_USED;
      return { subject: budget.subject, left: budget.limit - spent - held };
    }),
    () => (grants > 0 ? openGrants(connection, accountId, now).map(toFreePart) : []),
  );
}

/** Grants are read when they are asked for: most requests of a plan with allowances draw on nothing else. */
class LazyStanding implements Standing {
  readonly balance: NanoUsd;
  readonly allowances: Standing['allowances'];
  readonly budgets: Standing['budgets'];
  readonly #readGrants: () => GrantPart[];
  #grants: GrantPart[] | undefined;

  constructor(
    balance: NanoUsd,
    allowances: Standing['allowances'],
    budgets: Standing['budgets'],
    readGrants: () => GrantPart[],
  ) {
    this.balance = balance;
    this.allowances = allowances;
    this.budgets = budgets;
    this.#readGrants = readGrants;
  }

  get grants(): readonly GrantPart[] {
    this.#grants ??= this.#readGrants();
    return this.#grants;
  }
}

const NOTHING_USED: BudgetUse = { spent: 0n, held: 0n };

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

export function budgetOf(connection: SqliteConnection, accountId: string, subject: string, window: string): BudgetUse {
  const { spent, held } = accountOf(connection, accountId).counts.budget({ subject, window }) ?? NOTHING_USED;
  return { spent, held };
}

export function funds(connection: SqliteConnection, accountId: string, now: number): Funds {
  const { balance, held } = accountOf(connection, accountId);
  const windows = connection.all(
    `SELECT ${ALLOWANCE_COLUMNS} FROM gateway_all_allowances a WHERE account_id = ? AND a.ends_at > ?
     ORDER BY allowance, a.ends_at`,
    accountId,
    now,
  );
  return {
    balance,
    held,
    grants: openGrants(connection, accountId, now).map(toGrant),
    allowances: newestWindows(windows.map(toAllowance)),
  };
}

const IN_LIST = 'IN (SELECT value FROM json_each(?))';
const STANDINGS = standingStatements({
  accounts: IN_LIST,
  windows: IN_LIST,
  now: '?',
  open: 'open = 1',
  view: 'gateway_all',
});

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

/** Those of an account's budgets that were used. */
export function budgetsOf(
  connection: SqliteConnection,
  accountId: string,
  subjects: readonly string[],
  windows: readonly string[],
): NamedUse[] {
  return connection
    .all(
      `SELECT ${BUDGET_COLUMNS} FROM gateway_all_budgets
       WHERE account_id = ? AND subject ${IN_LIST} AND budget_window ${IN_LIST}`,
      ...[accountId, JSON.stringify(subjects), JSON.stringify(windows)],
    )
    .map(toBudget);
}

export function audit(connection: SqliteConnection, accountId: string): AccountAudit {
  const of = (columns: string, table: string, condition = '') =>
    connection.all(`SELECT ${columns} FROM ${table} WHERE account_id = ? ${condition}`, accountId);
  return {
    openHolds: of(HOLD_COLUMNS, 'gateway_holds', "AND state = 'open'").map((row) => openHoldOf(row, toParts(row))),
    settled: of('id', 'gateway_events').map((row) => unpackId(text(row['id']))),
    budgets: of(BUDGET_COLUMNS, 'gateway_all_budgets').map(toBudget),
    allowances: of(ALLOWANCE_COLUMNS, 'gateway_all_allowances').map(toAllowance),
    grants: of(GRANT_COLUMNS, 'gateway_grants').map((row) => ({
      id: text(row['id']),
      left: money(row['rest']),
      held: money(row['held']),
    })),
  };
}
