import { checkCredit, checkPromoCode } from '../../meter/checks.js';
import type {
  AccountAudit,
  Credit,
  CreditResult,
  LedgerEntry,
  Meter,
  Page,
  PromoCode,
  PromoCodeRecord,
  RedeemResult,
  Redemption,
  UsageEvent,
  UsageQuery,
  UsageRange,
  UsageTotals,
} from '../../meter/meter.js';
import { defined, integer, money, optionalInteger, optionalText, text } from '../row-values.js';
import { EVENT_COLUMNS, toEvent, toTotals, totalsStatement, whereOf } from '../usage-rows.js';
import type { PostgresConnection, PostgresRow } from './postgres-connection.js';
import { postgresHolds } from './postgres-holds.js';

const ENTRY_COLUMNS = ['seq', 'account_id', 'kind', 'amount', 'balance_after', 'at', 'reference', 'note'];
const numbered = (n: number) => `$${n}`;

/** A meter in PostgreSQL: each method is one statement. */
export function postgresMeter(connection: PostgresConnection): Meter {
  return {
    ...postgresHolds(connection),
    async balance(accountId) {
      const statement = 'SELECT balance::text, held::text FROM gateway_balances WHERE account_id = $1';
      const row = await connection.row(statement, [accountId]);
      return row ? { balance: money(row['balance']), held: money(row['held']) } : { balance: 0n, held: 0n };
    },
    credit: (request) => credit(connection, request),
    redeem: (redemption) => redeem(connection, redemption),
    history: (accountId, page) => history(connection, accountId, page),
    createPromoCode: (code) => createPromoCode(connection, code),
    listPromoCodes: (page) => listPromoCodes(connection, page),
    usage: (query) => usage(connection, query),
    events: (range, page) => events(connection, range, page),
    audit: (accountId) => audit(connection, accountId),
  };
}

async function credit(connection: PostgresConnection, request: Credit): Promise<CreditResult> {
  checkCredit(request);
  const { accountId, kind, amount, idempotencyKey, note, now } = request;
  const row = await connection.row(
    `SELECT outcome, ${entryColumns('(entry).')} FROM gateway_credit($1, $2, $3, $4, $5, $6, $7)`,
    [accountId, kind, String(amount), idempotencyKey, note ?? null, now, request.allowNegative ?? false],
  );
  const outcome = text(row?.['outcome']) as 'added' | 'duplicate' | 'conflict' | 'insufficient';
  if (outcome === 'conflict' || outcome === 'insufficient') return { ok: false, reason: outcome };
  return { ok: true, duplicate: outcome === 'duplicate', entry: toEntry(row ?? {}) };
}

async function redeem(connection: PostgresConnection, { accountId, code, now }: Redemption): Promise<RedeemResult> {
  const row = await connection.row(
    `SELECT outcome, ${entryColumns('(entry).')} FROM gateway_redeem($1, $2, $3)`,
    [accountId, code, now],
    'harmful',
  );
  const outcome = text(row?.['outcome']) as 'added' | 'unknown' | 'expired' | 'exhausted' | 'already_used';
  return outcome === 'added' ? { ok: true, entry: toEntry(row ?? {}) } : { ok: false, reason: outcome };
}

async function history(connection: PostgresConnection, accountId: string, page: Page): Promise<LedgerEntry[]> {
  const before = page.before === undefined ? Number.MAX_SAFE_INTEGER : Number(page.before);
  const rows = await connection.rows(
    `SELECT ${entryColumns('')} FROM gateway_entries WHERE account_id = $1 AND seq < $2
     ORDER BY gateway_entries.seq DESC LIMIT $3`,
    [accountId, Number.isSafeInteger(before) ? before : 0, page.limit],
  );
  return rows.map(toEntry);
}

async function createPromoCode(connection: PostgresConnection, promo: PromoCode): Promise<boolean> {
  checkPromoCode(promo);
  const row = await connection.row(
    `INSERT INTO gateway_promo_codes (code, amount, max_redemptions, expires_at, created_at, redemptions)
     VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (code) DO NOTHING RETURNING 1 AS added`,
    [promo.code, String(promo.amount), promo.maxRedemptions ?? null, promo.expiresAt ?? null, promo.createdAt],
    'harmful',
  );
  return row !== undefined;
}

async function listPromoCodes(connection: PostgresConnection, page: Page): Promise<PromoCodeRecord[]> {
  const before = page.before === undefined ? '' : 'WHERE seq < (SELECT seq FROM gateway_promo_codes WHERE code = $2)';
  const rows = await connection.rows(
    `SELECT code, amount::text, max_redemptions, expires_at, created_at, redemptions FROM gateway_promo_codes
     ${before} ORDER BY seq DESC LIMIT $1`,
    page.before === undefined ? [page.limit] : [page.limit, page.before],
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

async function usage(connection: PostgresConnection, query: UsageQuery): Promise<UsageTotals[]> {
  const { conditions, parameters } = whereOf(query, numbered);
  const rows = await connection.rows(totalsStatement(query, conditions, ' COLLATE "C"'), parameters);
  return rows.map((row) => toTotals(query, row));
}

async function events(connection: PostgresConnection, range: UsageRange, page: Page): Promise<UsageEvent[]> {
  const { conditions, parameters } = whereOf(range, numbered);
  if (page.before !== undefined) {
    parameters.push(page.before);
    conditions.push(`(at, seq) < (SELECT at, seq FROM gateway_events WHERE id = $${parameters.length})`);
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const rows = await connection.rows(
    `SELECT ${EVENT_COLUMNS} FROM gateway_events ${where} ORDER BY at DESC, seq DESC LIMIT ${page.limit}`,
    parameters,
  );
  return rows.map(toEvent);
}

async function audit(connection: PostgresConnection, accountId: string): Promise<AccountAudit> {
  const holds = await connection.rows(
    `SELECT id, account_id, key_id, prepaid, held::text, budget_window, expires_at FROM gateway_holds
     WHERE account_id = $1 AND state = 'open'`,
    [accountId],
  );
  const settled = await connection.rows('SELECT id FROM gateway_events WHERE account_id = $1', [accountId]);
  const budgets = await connection.rows(
    `SELECT key_id, budget_window, spent::text, held::text FROM gateway_budgets
     WHERE account_id = $1 AND (spent <> 0 OR held <> 0)`,
    [accountId],
  );
  return {
    openHolds: holds.map((row) => ({
      id: text(row['id']),
      accountId: text(row['account_id']),
      keyId: text(row['key_id']),
      prepaid: row['prepaid'] === true,
      held: money(row['held']),
      ...defined<{ window?: string }>({ window: optionalText(row['budget_window']) }),
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

function entryColumns(prefix: '' | '(entry).'): string {
  return ENTRY_COLUMNS.map((column) => `${prefix}${column}::text AS ${column}`).join(', ');
}

function toEntry(row: PostgresRow): LedgerEntry {
  return defined<LedgerEntry>({
    id: text(row['seq']),
    accountId: text(row['account_id']),
    kind: text(row['kind']) as LedgerEntry['kind'],
    amount: money(row['amount']),
    balanceAfter: money(row['balance_after']),
    at: integer(row['at']),
    reference: text(row['reference']),
    note: optionalText(row['note']),
  });
}
