import { formatUsd } from '../../lib/money.js';
import {
  balanceNotices,
  chargesOf,
  decideCharge,
  decideHold,
  type NoticeDraft,
  shareNotices,
} from '../../meter/decisions.js';
import type {
  BudgetWindow,
  Draw,
  HoldId,
  HoldRequest,
  HoldResult,
  Settlement,
  SettleResult,
} from '../../meter/holds.js';
import { money, text } from '../row-values.js';
import { endedParts, type HoldParts, partsToText, rememberParts } from './hold-parts.js';
import type { SqliteConnection, SqliteRow } from './sqlite-database.js';
import { type AccountRow, accountOf, accountOfRequest, moveGrants, saveAccount, standingOf } from './sqlite-funds.js';
import { addEntry } from './sqlite-ledger.js';
import { addNotices } from './sqlite-notices.js';
import { addEvent } from './sqlite-usage-log.js';

/**
 * Holds in SQLite. Every function runs inside a transaction that holds the write lock, so that it can read first and
 * write after. The row of an ended hold stays while it says something: released ids are never charged, expired ones
 * still are; a settled id is known by its usage event.
 */
export function reserve(connection: SqliteConnection, request: HoldRequest): HoldResult {
  const { id, accountId, now, budgets, expiresAt } = request;
  const { account, isUsed } = accountOfRequest(connection, request);
  if (isUsed) return { ok: false, reason: 'duplicate' };
  const decision = decideHold(request, standingOf(connection, account, request, now));
  if (!decision.ok) {
    if (decision.reason === 'balance' && request.notifyEmpty && !account.empty) {
      const available = formatUsd(decision.available > 0n ? decision.available : 0n);
      const data = { balance: formatUsd(account.balance), available, requestId: id };
      addNotices(connection, accountId, id, now, [{ type: 'balance.empty', data }]);
      saveAccount(connection, { ...account, empty: true });
    }
    return decision;
  }
  const { held, draw } = decision;
  moveGrants(connection, accountId, draw.grants, 0n, 1n);
  account.held += draw.balance;
  account.counts.addToWindows(draw.windows, 0n, draw.allowance);
  account.counts.addToBudgets(budgets ?? [], 0n, held);
  if (draw.balance > 0n || account.counts.changed) saveAccount(connection, account);
  const split = partsToText(draw, budgets);
  connection.run(
    `INSERT INTO gateway_holds (id, account_id, held, balance, split, expires_at, state)
     VALUES (?, ?, ?, ?, ?, ?, 'open')`,
    id,
    accountId,
    held,
    draw.balance,
    split,
    expiresAt,
  );
  rememberParts(id, split, { draw, budgets: budgets ?? [] });
  return { ok: true, held };
}

/** Gives the hold back, takes the cost and records the usage, unless the id was settled or released before. */
export function settle(connection: SqliteConnection, settlement: Settlement): SettleResult {
  const { id, accountId, cost, at, budgets = [], thresholds } = settlement;
  const hold = endHold(connection, settlement, 'settled');
  const { account, isUsed } = hold
    ? { account: accountOf(connection, accountId), isUsed: false }
    : accountOfRequest(connection, settlement);
  if (isUsed) return { recorded: false };
  const before = account.balance;
  const open = hold?.open ? hold : undefined;
  const draw = decideCharge(cost, settlement, open?.draw, () => standingOf(connection, account, settlement, at));
  if (open) {
    account.held -= open.draw.balance;
    moveGrants(connection, accountId, open.draw.grants, 0n, -1n);
  }
  moveAllowances(account, open?.draw, draw);
  moveBudgets(account, open, budgets, cost);
  account.grants -= moveGrants(connection, accountId, draw.grants, 1n, 0n);
  addUsageEntries(connection, account, draw, settlement);
  account.events += 1;
  saveAccount(connection, account);
  addEvent(connection, settlement, account.events, chargesOf(draw));
  if (thresholds) {
    const notices = [
      ...budgetNotices(account, settlement),
      ...allowanceNotices(account, settlement, draw),
      ...(draw.balance > 0n ? balanceNotices({ before, after: account.balance }, thresholds) : []),
    ];
    addNotices(connection, accountId, id, at, notices);
  }
  return { recorded: true };
}

/** Releases what a hold took of allowances and takes the charge. */
function moveAllowances({ counts }: AccountRow, held: Draw | undefined, used: Draw): void {
  if (held?.windows === used.windows) {
    counts.addToWindows(used.windows, used.allowance, -held.allowance);
    return;
  }
  if (held && held.allowance > 0n) counts.addToWindows(held.windows, 0n, -held.allowance);
  if (used.allowance > 0n) counts.addToWindows(used.windows, used.allowance, 0n);
}

/** Releases what a hold took of budgets and adds the charge. */
function moveBudgets(
  { counts }: AccountRow,
  hold: EndedHold | undefined,
  budgets: readonly BudgetWindow[],
  cost: bigint,
): void {
  const isSame = hold !== undefined && areSame(hold.budgets, budgets);
  if (hold && !isSame) counts.addToBudgets(hold.budgets, 0n, -hold.held);
  counts.addToBudgets(budgets, cost, isSame ? -hold.held : 0n);
}

function areSame(held: HoldParts['budgets'], charged: HoldParts['budgets']): boolean {
  const isSame = ({ subject, window }: HoldParts['budgets'][number], i: number) =>
    subject === charged[i]?.subject && window === charged[i]?.window;
  return held.length === charged.length && held.every(isSame);
}

function addUsageEntries(connection: SqliteConnection, account: AccountRow, draw: Draw, settlement: Settlement): void {
  const usage = { accountId: account.accountId, kind: 'usage', at: settlement.at, reference: settlement.id } as const;
  if (draw.allowance > 0n) addEntry(connection, account, { ...usage, source: 'allowance', amount: -draw.allowance });
  for (const { id, amount } of draw.grants)
    addEntry(connection, account, { ...usage, source: 'grant', sourceId: id, amount: -amount });
  if (draw.balance > 0n) addEntry(connection, account, { ...usage, source: 'balance', amount: -draw.balance });
}

function budgetNotices({ counts }: AccountRow, { cost, budgets = [], thresholds }: Settlement): NoticeDraft[] {
  const shares = thresholds?.budget;
  if (!shares) return [];
  return budgets.flatMap(({ subject, window, limit }) => {
    const after = counts.budget({ subject, window })?.spent ?? 0n;
    return shareNotices('budget.reached', { before: after - cost, after }, limit, shares, { subject, window });
  });
}

function allowanceNotices({ counts }: AccountRow, { thresholds }: Settlement, draw: Draw): NoticeDraft[] {
  if (!thresholds?.allowance) return [];
  return draw.windows.flatMap(({ id, endsAt, limit }) => {
    const after = counts.window(id, endsAt)?.used ?? 0n;
    const data = { allowance: id, resetsAt: new Date(endsAt).toISOString() };
    const crossing = { before: after - draw.allowance, after };
    return shareNotices('allowance.reached', crossing, limit, thresholds.allowance, data);
  });
}

export function release(connection: SqliteConnection, id: HoldId): void {
  const hold = endHold(connection, id, 'released');
  if (hold) endWithoutCharge(connection, id.accountId, hold);
}

export function extend(connection: SqliteConnection, holds: readonly HoldId[], expiresAt: number): void {
  for (const { accountId, id } of holds)
    connection.run(
      "UPDATE gateway_holds SET expires_at = ? WHERE id = ? AND account_id = ? AND state = 'open'",
      expiresAt,
      id,
      accountId,
    );
}

/** Gives lapsed holds back, at most `limit` of them; returns how many. */
export function expire(connection: SqliteConnection, now: number, limit: number): number {
  const lapsed = connection.all(
    "SELECT id, account_id FROM gateway_holds WHERE state = 'open' AND expires_at < ? ORDER BY expires_at LIMIT ?",
    now,
    limit,
  );
  for (const row of lapsed) {
    const accountId = text(row['account_id']);
    const hold = endHold(connection, { id: text(row['id']), accountId }, 'expired');
    if (hold) endWithoutCharge(connection, accountId, hold);
  }
  return lapsed.length;
}

interface EndedHold extends HoldParts {
  /** False: it had expired before and holds nothing. */
  readonly open: boolean;
  readonly held: bigint;
}

const ENDED_COLUMNS = 'CAST(held AS TEXT) AS held, CAST(balance AS TEXT) AS balance, split, budgets, state';

const END_STATEMENTS = {
  settled: `DELETE FROM gateway_holds WHERE id = ? AND account_id = ? AND state <> 'released' RETURNING ${ENDED_COLUMNS}`,
  released: `UPDATE gateway_holds SET state = 'released' WHERE id = ? AND account_id = ? AND state = 'open'
    RETURNING ${ENDED_COLUMNS}`,
  expired: `UPDATE gateway_holds SET state = 'expired' WHERE id = ? AND account_id = ? AND state = 'open'
    RETURNING ${ENDED_COLUMNS}`,
};

/** Ends a hold and returns what it was; undefined when it is not open. */
function endHold(
  connection: SqliteConnection,
  { id, accountId }: HoldId,
  end: keyof typeof END_STATEMENTS,
): EndedHold | undefined {
  const row: SqliteRow | undefined = connection.get(END_STATEMENTS[end], id, accountId);
  if (!row) return undefined;
  return {
    open: end !== 'settled' || row['state'] === 'open',
    held: money(row['held']),
    ...endedParts(id, row),
  };
}

/** Releases what a hold took. */
function endWithoutCharge(connection: SqliteConnection, accountId: string, { held, draw, budgets }: EndedHold): void {
  const account = accountOf(connection, accountId);
  account.held -= draw.balance;
  moveGrants(connection, accountId, draw.grants, 0n, -1n);
  account.counts.addToWindows(draw.windows, 0n, -draw.allowance);
  account.counts.addToBudgets(budgets, 0n, -held);
  if (draw.balance > 0n || account.counts.changed) saveAccount(connection, account);
}
