import type {
  Balance,
  Credit,
  CreditResult,
  LedgerEntry,
  Page,
  PromoCode,
  PromoCodeRecord,
  RedeemResult,
  Redemption,
} from '../../meter/meter.js';
import { defined, integer, money, optionalInteger, optionalText, text } from '../row-values.js';
import type { SqliteConnection, SqliteRow } from './sqlite-database.js';

const ENTRY_COLUMNS = `CAST(seq AS TEXT) AS id, account_id, kind, CAST(amount AS TEXT) AS amount,
  CAST(balance_after AS TEXT) AS balance_after, at, reference, note`;

/** The ledger in SQLite; functions that write run inside a transaction that holds the write lock. */
export function balance(connection: SqliteConnection, accountId: string): Balance {
  const row = connection.get(
    'SELECT CAST(balance AS TEXT) AS balance, CAST(held AS TEXT) AS held FROM gateway_balances WHERE account_id = ?',
    accountId,
  );
  return row ? { balance: money(row['balance']), held: money(row['held']) } : { balance: 0n, held: 0n };
}

export function credit(connection: SqliteConnection, request: Credit): CreditResult {
  const { accountId, kind, amount, idempotencyKey, note, now } = request;
  const earlier = connection.get(
    `SELECT ${ENTRY_COLUMNS} FROM gateway_entries
     WHERE account_id = ? AND reference = ? AND kind IN ('top_up', 'adjustment')`,
    accountId,
    idempotencyKey,
  );
  if (earlier) {
    const entry = toEntry(earlier);
    return entry.amount === amount ? { ok: true, duplicate: true, entry } : { ok: false, reason: 'conflict' };
  }
  if (amount < 0n && !request.allowNegative) {
    const current = balance(connection, accountId);
    if (current.balance - current.held + amount < 0n) return { ok: false, reason: 'insufficient' };
  }
  const movement = { accountId, kind, amount, at: now, reference: idempotencyKey };
  return { ok: true, duplicate: false, entry: move(connection, note === undefined ? movement : { ...movement, note }) };
}

export function redeem(connection: SqliteConnection, { accountId, code, now }: Redemption): RedeemResult {
  const promo = connection.get(
    `SELECT CAST(amount AS TEXT) AS amount, redemptions, max_redemptions, expires_at,
       EXISTS (SELECT 1 FROM gateway_entries WHERE account_id = ? AND reference = ? AND kind = 'promo') AS used
     FROM gateway_promo_codes WHERE code = ?`,
    accountId,
    code,
    code,
  );
  if (!promo) return { ok: false, reason: 'unknown' };
  if (integer(promo['used']) === 1) return { ok: false, reason: 'already_used' };
  const [expiresAt, most] = [optionalInteger(promo['expires_at']), optionalInteger(promo['max_redemptions'])];
  if (expiresAt !== undefined && now >= expiresAt) return { ok: false, reason: 'expired' };
  if (most !== undefined && integer(promo['redemptions']) >= most) return { ok: false, reason: 'exhausted' };
  connection.run('UPDATE gateway_promo_codes SET redemptions = redemptions + 1 WHERE code = ?', code);
  const movement = { accountId, kind: 'promo', amount: money(promo['amount']), at: now, reference: code } as const;
  return { ok: true, entry: move(connection, movement) };
}

export function history(connection: SqliteConnection, accountId: string, page: Page): LedgerEntry[] {
  const before = page.before === undefined ? Number.MAX_SAFE_INTEGER : Number(page.before);
  return connection
    .all(
      `SELECT ${ENTRY_COLUMNS} FROM gateway_entries WHERE account_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
      accountId,
      Number.isSafeInteger(before) ? before : 0,
      page.limit,
    )
    .map(toEntry);
}

export function createPromoCode(connection: SqliteConnection, promo: PromoCode): boolean {
  const added = connection.get(
    `INSERT INTO gateway_promo_codes (code, amount, max_redemptions, expires_at, created_at, redemptions)
     VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (code) DO NOTHING RETURNING 1 AS added`,
    promo.code,
    promo.amount,
    promo.maxRedemptions ?? null,
    promo.expiresAt ?? null,
    promo.createdAt,
  );
  return added !== undefined;
}

export function listPromoCodes(connection: SqliteConnection, page: Page): PromoCodeRecord[] {
  const columns = 'code, CAST(amount AS TEXT) AS amount, max_redemptions, expires_at, created_at, redemptions';
  const rows =
    page.before === undefined
      ? connection.all(`SELECT ${columns} FROM gateway_promo_codes ORDER BY seq DESC LIMIT ?`, page.limit)
      : connection.all(
          `SELECT ${columns} FROM gateway_promo_codes
           WHERE seq < (SELECT seq FROM gateway_promo_codes WHERE code = ?) ORDER BY seq DESC LIMIT ?`,
          page.before,
          page.limit,
        );
  return rows.map((row) =>
    defined<PromoCodeRecord>({
      code: text(row['code']),
      amount: money(row['amount']),
      maxRedemptions: optionalInteger(row['max_redemptions']),
      expiresAt: optionalInteger(row['expires_at']),
      createdAt: integer(row['created_at']),
      redemptions: integer(row['redemptions']),
    }),
  );
}

/** Adds an entry whose balance has been changed by the caller. */
export function addEntry(connection: SqliteConnection, entry: Omit<LedgerEntry, 'id'>): void {
  connection.run(
    `INSERT INTO gateway_entries (account_id, kind, amount, balance_after, at, reference, note)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    entry.accountId,
    entry.kind,
    entry.amount,
    entry.balanceAfter,
    entry.at,
    entry.reference,
    entry.note ?? null,
  );
}

function move(connection: SqliteConnection, movement: Omit<LedgerEntry, 'id' | 'balanceAfter'>): LedgerEntry {
  const after = connection.get(
    `INSERT INTO gateway_balances (account_id, balance, held) VALUES (?, ?, 0)
     ON CONFLICT (account_id) DO UPDATE SET balance = balance + excluded.balance
     RETURNING CAST(balance AS TEXT) AS balance`,
    movement.accountId,
    movement.amount,
  );
  const entry = { ...movement, balanceAfter: money(after?.['balance']) };
  addEntry(connection, entry);
  const added = connection.get('SELECT CAST(last_insert_rowid() AS TEXT) AS id');
  return { id: text(added?.['id']), ...entry };
}

function toEntry(row: SqliteRow): LedgerEntry {
  return defined<LedgerEntry>({
    id: text(row['id']),
    accountId: text(row['account_id']),
    kind: text(row['kind']) as LedgerEntry['kind'],
    amount: money(row['amount']),
    balanceAfter: money(row['balance_after']),
    at: integer(row['at']),
    reference: text(row['reference']),
    note: optionalText(row['note']),
  });
}
