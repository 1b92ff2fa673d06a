import type {
  AccountAudit,
  BudgetWindow,
  HoldRequest,
  HoldResult,
  Settlement,
  SettleResult,
} from '../../meter/meter.js';
import { defined, integer, money, optionalText, text } from '../row-values.js';
import type { SqliteConnection } from './sqlite-database.js';
import { addEntry } from './sqlite-ledger.js';
import { addEvent } from './sqlite-usage-log.js';

/**
 * Holds in SQLite. Every function runs inside a transaction that holds the write lock, so that it can read first and
 * write after. The row of an ended hold stays while it tells something: released ids are never charged, expired ones
 * still are; a settled id is known by its usage event.
 */
export function reserve(connection: SqliteConnection, request: HoldRequest): HoldResult {
  const { id, accountId, keyId, prepaid, amount, minimum, budget, expiresAt } = request;
  const known = connection.get(
    `SELECT EXISTS (SELECT 1 FROM gateway_holds WHERE id = ?) OR EXISTS (SELECT 1 FROM gateway_events WHERE id = ?) AS used,
       (SELECT CAST(balance - held AS TEXT) FROM gateway_balances WHERE account_id = ?) AS available,
       (SELECT CAST(spent + held AS TEXT) FROM gateway_budgets WHERE key_id = ? AND budget_window = ?) AS committed`,
    id,
    id,
    accountId,
    keyId,
    budget?.window ?? null,
  );
  if (integer(known?.['used']) === 1) return { ok: false, reason: 'duplicate' };
  let held = amount;
  if (prepaid) {
    const available = money(known?.['available'] ?? 0);
    if (available < minimum) return { ok: false, reason: 'balance', available };
    if (available < held) held = available;
  }
  if (budget) {
    const available = budget.limit - money(known?.['committed'] ?? 0);
    if (available < minimum) return { ok: false, reason: 'budget', available };
    if (available < held) held = available;
    changeBudget(connection, { accountId, keyId: keyId ?? '', window: budget.window, spent: 0n, held });
  }
  if (prepaid && held > 0n)
    connection.run('UPDATE gateway_balances SET held = held + ? WHERE account_id = ?', held, accountId);
  connection.run(
    `INSERT INTO gateway_holds (id, account_id, key_id, prepaid, held, budget_window, expires_at, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'open')`,
    id,
    accountId,
    keyId,
    prepaid ? 1 : 0,
    held,
    budget?.window ?? null,
    expiresAt,
  );
  return { ok: true, held };
}

/** Gives the hold back, takes the cost and records the usage, unless the id was settled or released before. */
export function settle(connection: SqliteConnection, settlement: Settlement): SettleResult {
  const { id, accountId, keyId, cost, prepaid, budget, at } = settlement;
  const hold = endHold(connection, id, 'settled');
  if (!hold) {
    const ended = connection.get(
      'SELECT EXISTS (SELECT 1 FROM gateway_holds WHERE id = ?) OR EXISTS (SELECT 1 FROM gateway_events WHERE id = ?) AS used',
      id,
      id,
    );
    if (integer(ended?.['used']) === 1) return { recorded: false };
  }
  const given = hold?.prepaid ? hold.held : 0n;
  const taken = prepaid ? cost : 0n;
  if (given > 0n || taken > 0n) {
    const after = connection.get(
      `INSERT INTO gateway_balances (account_id, balance, held) VALUES (?, 0 - ?, 0)
       ON CONFLICT (account_id) DO UPDATE SET balance = balance + excluded.balance, held = held - ?
       RETURNING CAST(balance AS TEXT) AS balance`,
      accountId,
      taken,
      given,
    );
    const balanceAfter = money(after?.['balance']);
    if (taken > 0n) addEntry(connection, { accountId, kind: 'usage', amount: -taken, balanceAfter, at, reference: id });
  }
  if (hold?.window !== undefined && hold.held > 0n)
    changeBudget(connection, { ...hold, window: hold.window, spent: 0n, held: -hold.held });
  if (budget) changeBudget(connection, { accountId, keyId: keyId ?? '', window: budget.window, spent: cost, held: 0n });
  addEvent(connection, settlement);
  return { recorded: true };
}

export function release(connection: SqliteConnection, id: string): void {
  const hold = endHold(connection, id, 'released');
  if (hold) giveBack(connection, hold);
}

export function extend(connection: SqliteConnection, ids: readonly string[], expiresAt: number): void {
  for (const id of ids)
    connection.run("UPDATE gateway_holds SET expires_at = ? WHERE id = ? AND state = 'open'", expiresAt, id);
}

/** Gives lapsed holds back, at most `limit` of them; returns how many. */
export function expire(connection: SqliteConnection, now: number, limit: number): number {
  const lapsed = connection.all(
    "SELECT id FROM gateway_holds WHERE state = 'open' AND expires_at < ? ORDER BY expires_at LIMIT ?",
    now,
    limit,
  );
  for (const row of lapsed) {
    const hold = endHold(connection, text(row['id']), 'expired');
    if (hold) giveBack(connection, hold);
  }
  return lapsed.length;
}

export function audit(connection: SqliteConnection, accountId: string): AccountAudit {
  const holds = connection.all(
    `SELECT id, account_id, key_id, prepaid, CAST(held AS TEXT) AS held, budget_window, expires_at
     FROM gateway_holds WHERE account_id = ? AND state = 'open'`,
    accountId,
  );
  const settled = connection.all('SELECT id FROM gateway_events WHERE account_id = ?', accountId);
  const budgets = connection.all(
    `SELECT key_id, budget_window, CAST(spent AS TEXT) AS spent, CAST(held AS TEXT) AS held
     FROM gateway_budgets WHERE account_id = ?`,
    accountId,
  );
  return {
    openHolds: holds.map((row) => ({
      ...toHold(row),
      ...defined<{ window?: string }>({ window: optionalText(row['budget_window']) }),
      id: text(row['id']),
      expiresAt: integer(row['expires_at']),
    })),
    settled: settled.map((row) => text(row['id'])),
    budgets: budgets.map((row) => ({
      keyId: text(row['key_id']),
      window: text(row['budget_window']),
      spent: money(row['spent']),
      held: money(row['held']),
    })),
  };
}

interface Hold {
  readonly accountId: string;
  readonly keyId: string;
  readonly prepaid: boolean;
  readonly held: bigint;
  readonly window?: string;
}

const HOLD_COLUMNS = 'account_id, key_id, prepaid, CAST(held AS TEXT) AS held, budget_window';

const END_STATEMENTS = {
  settled: `DELETE FROM gateway_holds WHERE id = ? AND state <> 'released' RETURNING ${HOLD_COLUMNS}, state`,
  released: `UPDATE gateway_holds SET state = 'released' WHERE id = ? AND state = 'open' RETURNING ${HOLD_COLUMNS}, 'open' AS state`,
  expired: `UPDATE gateway_holds SET state = 'expired' WHERE id = ? AND state = 'open' RETURNING ${HOLD_COLUMNS}, 'open' AS state`,
};

/** Ends a hold and returns what it still held: nothing when it had expired before. */
function endHold(connection: SqliteConnection, id: string, end: keyof typeof END_STATEMENTS): Hold | undefined {
  const row = connection.get(END_STATEMENTS[end], id);
  if (!row) return undefined;
  return row['state'] === 'open' ? toHold(row) : { ...toHold(row), held: 0n };
}

function toHold(row: Readonly<Record<string, unknown>>): Hold {
  return {
    accountId: text(row['account_id']),
    keyId: text(row['key_id']),
    prepaid: integer(row['prepaid']) === 1,
    held: money(row['held']),
    ...defined<{ window?: string }>({ window: optionalText(row['budget_window']) }),
  };
}

function giveBack(connection: SqliteConnection, hold: Hold): void {
  if (hold.prepaid)
    connection.run('UPDATE gateway_balances SET held = held - ? WHERE account_id = ?', hold.held, hold.accountId);
  if (hold.window !== undefined)
    changeBudget(connection, { ...hold, window: hold.window, spent: 0n, held: -hold.held });
}

interface BudgetChange {
  readonly accountId: string;
  readonly keyId: string;
  readonly window: BudgetWindow['window'];
  readonly spent: bigint;
  readonly held: bigint;
}

function changeBudget(connection: SqliteConnection, change: BudgetChange): void {
  connection.run(
    `INSERT INTO gateway_budgets (key_id, budget_window, account_id, spent, held) VALUES (?, ?, ?, ?, MAX(0, ?))
     ON CONFLICT (key_id, budget_window) DO UPDATE SET spent = spent + excluded.spent, held = held + ?`,
    change.keyId,
    change.window,
    change.accountId,
    change.spent,
    change.held,
    change.held,
  );
}
