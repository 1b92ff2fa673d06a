import { fitsInBalance } from '../../lib/money.js';
import { sumOf } from '../../meter/decisions.js';
import type { AllowanceRecord, LedgerEntry, Refund, RefundResult } from '../../meter/ledger.js';
import type { Charge } from '../../meter/usage-log.js';
import { chargesFromText } from '../ledger-rows.js';
import { packId } from '../packed-ids.js';
import { integer, money, text } from '../row-values.js';
import type { SqliteConnection, SqliteRow } from './sqlite-database.js';
import { type AccountRow, accountOf, saveAccount } from './sqlite-funds.js';
import { move } from './sqlite-ledger.js';

/** Refunds in SQLite; runs inside a transaction that holds the write lock. */
export function refund(connection: SqliteConnection, { accountId, requestId, reason, now }: Refund): RefundResult {
  const event = connection.get(
    `SELECT account_id, CAST(cost AS TEXT) AS cost, charged, refunded FROM gateway_events
     WHERE id = ? AND account_id = COALESCE(?, account_id)`,
    packId(requestId),
    accountId ?? null,
  );
  if (!event) return { ok: false, reason: 'unknown' };
  if (integer(event['refunded']) === 1) return { ok: false, reason: 'already_refunded' };
  const owner = text(event['account_id']);
  const account = accountOf(connection, owner);
  const charges = chargesFromText(event['charged'], money(event['cost'])) ?? [];
  const toBalance = charges.filter((charge) => !takesBack(connection, account, charge, now));
  const back = sumOf(toBalance);
  if (!fitsInBalance(account.balance + back)) return { ok: false, reason: 'too_large' };
  connection.run('UPDATE gateway_events SET refunded = 1 WHERE id = ? AND +account_id = ?', packId(requestId), owner);
  const entries: LedgerEntry[] = [];
  const add = (source: LedgerEntry['source'], amount: bigint, sourceId?: string) => {
    const movement = { accountId: owner, kind: 'refund', source, amount, at: now, reference: requestId } as const;
    const more = { ...(sourceId !== undefined && { sourceId }), ...(reason !== undefined && { note: reason }) };
    entries.push(move(connection, accountOf(connection, owner), { ...movement, ...more }));
  };
  for (const charge of charges) {
    if (toBalance.includes(charge)) continue;
    takeBack(connection, owner, charge, now);
    add(charge.source, charge.amount, charge.id);
  }
  if (back > 0n) add('balance', back);
  return { ok: true, accountId: owner, entries };
}

/** True when a charge can go back to its source: an allowance that runs still, a grant that has not expired. */
function takesBack(connection: SqliteConnection, account: AccountRow, charge: Charge, now: number): boolean {
  if (charge.source === 'balance') return false;
  if (charge.source === 'allowance') return runningOf(account, charge, now).length > 0;
  return grantOf(connection, account.accountId, charge, now) !== undefined;
}

/** Puts a charge back into a source that takes it. */
function takeBack(connection: SqliteConnection, accountId: string, charge: Charge, now: number): void {
  const { source, id = '', amount } = charge;
  if (source === 'allowance') {
    const account = accountOf(connection, accountId);
    account.counts.addToWindows(runningOf(account, charge, now), -amount, 0n);
    saveAccount(connection, account);
    return;
  }
  const before = grantOf(connection, accountId, charge, now);
  const statement = 'UPDATE gateway_grants SET used = used - ?, open = 1 WHERE account_id = ? AND id = ?';
  connection.run(statement, amount, accountId, id);
  if (integer(before?.['open']) === 0)
    connection.run('UPDATE gateway_balances SET grants = grants + 1 WHERE account_id = ?', accountId);
}

function runningOf({ counts }: AccountRow, { windows = [] }: Charge, now: number): AllowanceRecord[] {
  return windows.filter(({ endsAt }) => endsAt > now).flatMap(({ id, endsAt }) => counts.window(id, endsAt) ?? []);
}

/** The grant of a charge, if it has not expired. */
function grantOf(
  connection: SqliteConnection,
  accountId: string,
  { id = '' }: Charge,
  now: number,
): SqliteRow | undefined {
  return connection.get(
    'SELECT open FROM gateway_grants WHERE account_id = ? AND id = ? AND (expires_at IS NULL OR expires_at > ?)',
    accountId,
    id,
    now,
  );
}
