import { formatUsd } from '../../lib/money.js';
import { decideCredit, hasExpired, refusedRedemption } from '../../meter/decisions.js';
import type {
  Credit,
  CreditResult,
  Grant,
  GrantResult,
  LedgerEntry,
  PromoCode,
  PromoCodeRecord,
  RedeemResult,
  Redemption,
} from '../../meter/ledger.js';
import type { HistoryPage, Page } from '../../meter/usage-log.js';
import { entryColumns, PROMO_COLUMNS, referenceToText, toEntry, toPromoCode } from '../ledger-rows.js';
import { integer, money, optionalText, text } from '../row-values.js';
import type { SqliteConnection } from './sqlite-database.js';
import { type AccountRow, accountOf, saveAccount } from './sqlite-funds.js';
import { addNotices } from './sqlite-notices.js';

type Movement = Omit<LedgerEntry, 'id' | 'balanceAfter'>;

const ENTRY_COLUMNS = entryColumns('', 'TEXT');

/** The ledger in SQLite; functions that write run inside a transaction that holds the write lock. */
export function credit(connection: SqliteConnection, request: Credit): CreditResult {
  const { accountId, kind, amount, idempotencyKey, note, now, notify } = request;
  const account = accountOf(connection, accountId);
  const known = connection.get(
    `SELECT ${ENTRY_COLUMNS} FROM gateway_entries
     WHERE account_id = ? AND reference = ? AND kind IN ('top_up', 'adjustment', 'grant')`,
    accountId,
    idempotencyKey,
  );
  const earlier = known && toEntry(known);
  const decision = decideCredit(request, earlier, account);
  if (decision !== 'added' && decision !== 'duplicate') return { ok: false, reason: decision };
  if (earlier) return { ok: true, duplicate: true, entry: earlier };
  const movement = { accountId, kind, source: 'balance', amount, at: now, reference: idempotencyKey } as const;
  const added = note === undefined ? movement : { ...movement, note };
  return { ok: true, duplicate: false, entry: move(connection, account, added, notify === true && amount > 0n) };
}

export function grant(connection: SqliteConnection, request: Grant): GrantResult {
  const { accountId, amount, idempotencyKey } = request;
  const known = connection.get(
    'SELECT CAST(amount AS TEXT) AS amount, seq FROM gateway_grants WHERE account_id = ? AND reference = ?',
    accountId,
    idempotencyKey,
  );
  if (!known) {
    const other = connection.get(
      "SELECT seq FROM gateway_entries WHERE account_id = ? AND reference = ? AND kind IN ('top_up', 'adjustment')",
      accountId,
      idempotencyKey,
    );
    if (other) return { ok: false, reason: 'conflict' };
    if (hasExpired(request.expiresAt, request.now)) return { ok: false, reason: 'expired' };
    return { ok: true, duplicate: false, entry: give(connection, request, 'grant', idempotencyKey) };
  }
  const row = connection.get(
    `SELECT ${ENTRY_COLUMNS} FROM gateway_entries WHERE account_id = ? AND seq = ?`,
    accountId,
    integer(known['seq']),
  );
  const entry = toEntry(row ?? {});
  if (money(known['amount']) !== amount || entry.kind !== 'grant') return { ok: false, reason: 'conflict' };
  return { ok: true, duplicate: true, entry };
}

/** Adds a grant and its entry, whose reference may be another than its key. */
function give(connection: SqliteConnection, request: Grant, kind: 'grant' | 'promo', reference: string): LedgerEntry {
  const { accountId, amount, expiresAt, reason, idempotencyKey, now, notify } = request;
  const account = accountOf(connection, accountId);
  account.grants += 1;
  const id = `grant_${account.entries + 1}`;
  const movement = { accountId, kind, source: 'grant', sourceId: id, amount, at: now, reference } as const;
  const entry = move(
    connection,
    account,
    reason === undefined ? movement : { ...movement, note: reason },
    notify === true,
  );
  connection.run(
    `INSERT INTO gateway_grants (account_id, id, seq, amount, used, held, expires_at, reason, reference, open, announced)
     VALUES (?, ?, ?, ?, 0, 0, ?, ?, ?, 1, 0)`,
    accountId,
    id,
    account.entries,
    amount,
    expiresAt ?? null,
    reason ?? null,
    idempotencyKey,
  );
  return entry;
}

export function redeem(connection: SqliteConnection, redemption: Redemption): RedeemResult {
  const { accountId, code, now, notify = false } = redemption;
  const row = connection.get(
    `SELECT ${PROMO_COLUMNS}, EXISTS (SELECT 1 FROM gateway_entries
       WHERE account_id = ? AND reference = ? AND kind = 'promo') AS used FROM gateway_promo_codes WHERE code = ?`,
    accountId,
    code,
    code,
  );
  const promo = row && toPromoCode(row);
  const account = {
    hasRedeemed: integer(row?.['used'] ?? 0) === 1,
    isNew: () => isNew(connection, accountId),
    balance: accountOf(connection, accountId).balance,
  };
  const refused = refusedRedemption(promo, account, now);
  if (refused || !promo) return { ok: false, reason: refused ?? 'unknown' };
  connection.run('UPDATE gateway_promo_codes SET redemptions = redemptions + 1 WHERE code = ?', code);
  const { amount, creditExpiresAfterMs, plan } = promo;
  const movement = { accountId, kind: 'promo', source: 'balance', amount, at: now, reference: code } as const;
  const expiring = { accountId, amount, reason: code, idempotencyKey: `promo:${code}`, now, notify };
  const entry =
    creditExpiresAfterMs === undefined
      ? move(connection, accountOf(connection, accountId), movement, notify)
      : give(connection, { ...expiring, expiresAt: now + creditExpiresAfterMs }, 'promo', code);
  return { ok: true, entry, ...(plan !== undefined && { plan }) };
}

/** True of an account that has neither paid nor redeemed nor used anything. */
function isNew(connection: SqliteConnection, accountId: string): boolean {
  if (accountOf(connection, accountId).events > 0) return false;
  const paid = connection.get(
    "SELECT 1 AS paid FROM gateway_entries WHERE account_id = ? AND kind IN ('top_up', 'promo', 'usage') LIMIT 1",
    accountId,
  );
  return paid === undefined;
}

/** Ends grants that have expired and announces those that soon will, for at most `limit` of each; returns how many. */
export function expireGrants(connection: SqliteConnection, now: number, soon: number, limit: number): number {
  const due = connection.all(
    `SELECT account_id, id, CAST(amount - used AS TEXT) AS rest, expires_at, reason FROM gateway_grants
     WHERE open = 1 AND expires_at IS NOT NULL AND ((expires_at <= ? AND held = 0) OR (expires_at > ? AND expires_at <= ? AND announced = 0))
     ORDER BY expires_at LIMIT ?`,
    now,
    now,
    soon,
    limit,
  );
  for (const row of due) {
    const [accountId, id, rest] = [text(row['account_id']), text(row['id']), money(row['rest'])];
    const expiresAt = integer(row['expires_at']);
    if (expiresAt > now) {
      connection.run('UPDATE gateway_grants SET announced = 1 WHERE account_id = ? AND id = ?', accountId, id);
      const reason = optionalText(row['reason']) ?? null;
      const data = { grant: id, left: formatUsd(rest), reason, expiresAt: new Date(expiresAt).toISOString() };
      addNotices(connection, accountId, id, now, [{ type: 'grant.expiring', data }]);
      continue;
    }
    connection.run('UPDATE gateway_grants SET used = amount, open = 0 WHERE account_id = ? AND id = ?', accountId, id);
    const account = accountOf(connection, accountId);
    account.grants -= 1;
    const lapse = { kind: 'expiry', source: 'grant', sourceId: id, amount: -rest, at: now, reference: id } as const;
    addEntry(connection, account, { accountId, ...lapse });
    saveAccount(connection, account);
  }
  return due.length;
}

export function history(connection: SqliteConnection, accountId: string, page: HistoryPage): LedgerEntry[] {
  const before = page.before === undefined ? Number.MAX_SAFE_INTEGER : Number(page.before);
  return connection
    .all(
      `SELECT ${ENTRY_COLUMNS} FROM gateway_entries WHERE account_id = ? AND seq < ?${page.usage === false ? " AND gateway_entries.kind <> 'usage'" : ''}
       ORDER BY gateway_entries.seq DESC LIMIT ?`,
      accountId,
      Number.isSafeInteger(before) ? before : 0,
      page.limit,
    )
    .map(toEntry);
}

export function createPromoCode(connection: SqliteConnection, promo: PromoCode): boolean {
  const added = connection.get(
    `INSERT INTO gateway_promo_codes (code, amount, max_redemptions, expires_at, created_at, redemptions,
       credit_expires_after, plan, new_accounts_only)
     VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?) ON CONFLICT (code) DO NOTHING RETURNING 1 AS added`,
    promo.code,
    promo.amount,
    promo.maxRedemptions ?? null,
    promo.expiresAt ?? null,
    promo.createdAt,
    promo.creditExpiresAfterMs ?? null,
    promo.plan ?? null,
    promo.newAccountsOnly ? 1 : 0,
  );
  return added !== undefined;
}

export function listPromoCodes(connection: SqliteConnection, page: Page): PromoCodeRecord[] {
  const rows =
    page.before === undefined
      ? connection.all(`SELECT ${PROMO_COLUMNS} FROM gateway_promo_codes ORDER BY seq DESC LIMIT ?`, page.limit)
      : connection.all(
          `SELECT ${PROMO_COLUMNS} FROM gateway_promo_codes
           WHERE seq < (SELECT seq FROM gateway_promo_codes WHERE code = ?) ORDER BY seq DESC LIMIT ?`,
          page.before,
          page.limit,
        );
  return rows.map(toPromoCode);
}

export function disablePromoCode(connection: SqliteConnection, code: string, now: number): boolean {
  const known = connection.get(
    'UPDATE gateway_promo_codes SET disabled_at = COALESCE(disabled_at, ?) WHERE code = ? RETURNING 1 AS known',
    now,
    code,
  );
  return known !== undefined;
}

/** Adds an entry and, where it is the balance's, its amount to the balance; the caller saves the account. */
export function addEntry(connection: SqliteConnection, account: AccountRow, movement: Movement): LedgerEntry {
  account.entries += 1;
  if (movement.source === 'balance') account.balance += movement.amount;
  const entry: LedgerEntry = { ...movement, id: String(account.entries), balanceAfter: account.balance };
  connection.run(
    `INSERT INTO gateway_entries (account_id, seq, kind, source, source_id, amount, balance_after, at, reference, note)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    entry.accountId,
    account.entries,
    entry.kind,
    entry.source,
    entry.sourceId ?? null,
    entry.amount,
    entry.balanceAfter,
    entry.at,
    referenceToText(entry),
    entry.note ?? null,
  );
  return entry;
}

/** Adds an entry of money that came in or was corrected, and saves the account. */
export function move(
  connection: SqliteConnection,
  account: AccountRow,
  movement: Movement,
  notify = false,
): LedgerEntry {
  const entry = addEntry(connection, account, movement);
  if (movement.amount > 0n) account.empty = false;
  saveAccount(connection, account);
  if (notify) {
    const { accountId, kind, amount, balanceAfter, at, reference } = entry;
    const data = { kind, amount: formatUsd(amount), balance: formatUsd(balanceAfter), reference };
    addNotices(connection, accountId, `credit_${entry.id}`, at, [{ type: 'credit.added', data }]);
  }
  return entry;
}
