import { checkCredit, checkGrant, checkPromoCode } from '../../meter/checks.js';
import type {
  Credit,
  CreditResult,
  Funds,
  Grant,
  GrantResult,
  Grants,
  Ledger,
  LedgerEntry,
  PromoCode,
  PromoCodeLedger,
  RedeemResult,
  Redemption,
  Refund,
  RefundResult,
} from '../../meter/ledger.js';
import type { HistoryPage } from '../../meter/usage-log.js';
import { standingStatements, toStandings } from '../account-standings.js';
import {
  ALLOWANCE_COLUMNS,
  BUDGET_COLUMNS,
  entryColumns,
  GRANT_COLUMNS,
  PROMO_COLUMNS,
  toAllowance,
  toBudget,
  toEntry,
  toGrant,
  toPromoCode,
} from '../ledger-rows.js';
import { packId } from '../packed-ids.js';
import { money, optionalText, text } from '../row-values.js';
import { type PostgresPool, postgresPoolOf } from './bounded-pool.js';
import { type PostgresConnection, rowsOf } from './postgres-connection.js';

const CREDIT = `SELECT outcome, ${entryColumns('(entry).')} FROM gateway_credit($1, $2, $3, $4, $5, $6, $7, $8)`;
const GRANT = `SELECT outcome, ${entryColumns('(entry).')} FROM gateway_grant($1, $2, $3, $4, $5, $6, $7)`;
const REDEEM = `SELECT outcome, plan, ${entryColumns('(entry).')} FROM gateway_redeem($1, $2, $3, $4)`;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const NUMERIC_VALUE_OUT_OF_RANGE = '22003';

/** The ledger in PostgreSQL: balances, top-ups and their history. */
export function postgresLedger(connection: PostgresConnection): Ledger {
  return {
    async balance(accountId) {
      const statement = 'SELECT balance::text, held::text FROM gateway_balances WHERE account_id = $1';
      const row = await connection.row(statement, [accountId]);
      return row ? { balance: money(row['balance']), held: money(row['held']) } : { balance: 0n, held: 0n };
    },
    credit: (request) => credit(connection, request),
    history: (accountId, page) => history(connection, accountId, page),
  };
}

async function credit(connection: PostgresConnection, request: Credit): Promise<CreditResult> {
  checkCredit(request);
  const { accountId, kind, amount, idempotencyKey, note, now, notify, tx } = request;
  const parameters = [
    accountId,
    kind,
    String(amount),
    idempotencyKey,
    note ?? null,
    now,
    notify ?? false,
    request.allowNegative ?? false,
  ];
  const step =
    tx === undefined
      ? connection.rows(CREDIT, parameters)
      : postgresPoolOf(tx as PostgresPool, 'tx')
          .query(CREDIT, parameters)
          .then(rowsOf);
  const rows = await unlessTooLarge(step);
  if (!rows) return { ok: false, reason: 'too_large' };
  const [row] = rows;
  const outcome = text(row?.['outcome']) as 'added' | 'duplicate' | 'conflict' | 'insufficient';
  if (outcome === 'conflict' || outcome === 'insufficient') return { ok: false, reason: outcome };
  return { ok: true, duplicate: outcome === 'duplicate', entry: toEntry(row ?? {}) };
}

/** What a step answers; undefined when a balance would not fit in 64 bits, and so nothing was written. */
async function unlessTooLarge<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if ((error as { code?: unknown }).code === NUMERIC_VALUE_OUT_OF_RANGE) return undefined;
    throw error;
  }
}

async function history(connection: PostgresConnection, accountId: string, page: HistoryPage): Promise<LedgerEntry[]> {
  const before = page.before === undefined ? Number.MAX_SAFE_INTEGER : Number(page.before);
  const rows = await connection.rows(
    // Citus orders by what a name is selected as, here the text: the order is made where the column has one meaning.
    `SELECT ${entryColumns()} FROM (SELECT * FROM gateway_entries
       WHERE account_id = $1 AND seq < $2${page.usage === false ? " AND kind <> 'usage'" : ''} ORDER BY seq DESC LIMIT $3) AS e`,
    [accountId, Number.isSafeInteger(before) ? before : 0, page.limit],
  );
  return rows.map(toEntry).sort((a, b) => Number(b.id) - Number(a.id));
}

const STANDINGS = standingStatements({
  accounts: '= ANY ($1::text[])',
  windows: '= ANY ($2::text[])',
  now: '$2',
  open: 'open',
  view: 'gateway',
});

/** Grants, refunds and what an account can draw on, in PostgreSQL. */
export function postgresGrants(connection: PostgresConnection): Grants {
  return {
    grant: (request) => grant(connection, request),
    refund: (request) => refund(connection, request),
    funds: (accountId, now) => funds(connection, accountId, now),

    async fundsOfAll(accountIds, budgetWindows, now) {
      const ids = [...accountIds];
      const [balances, grants, allowances, budgets] = await Promise.all([
        connection.rows(STANDINGS.balances, [ids]),
        connection.rows(STANDINGS.grants, [ids, now]),
        connection.rows(STANDINGS.allowances, [ids, now]),
        budgetWindows.length === 0 ? [] : connection.rows(STANDINGS.budgets, [ids, [...budgetWindows]]),
      ]);
      return toStandings(accountIds, { balances, grants, allowances, budgets });
    },

    async budget(accountId, subject, window) {
      const row = await connection.row(
        `SELECT spent::text, held::text FROM gateway_budgets
         WHERE account_id = $1 AND subject = $2 AND budget_window = $3`,
        [accountId, subject, window],
      );
      return { spent: money(row?.['spent'] ?? 0), held: money(row?.['held'] ?? 0) };
    },

    async budgetsOf(accountId, subjects, windows) {
      const rows = await connection.rows(
        `SELECT ${BUDGET_COLUMNS} FROM gateway_budgets
         WHERE account_id = $1 AND subject = ANY ($2::text[]) AND budget_window = ANY ($3::text[])`,
        [accountId, [...subjects], [...windows]],
      );
      return rows.map(toBudget);
    },
  };
}

async function grant(connection: PostgresConnection, request: Grant): Promise<GrantResult> {
  checkGrant(request);
  const { accountId, amount, expiresAt, reason, idempotencyKey, now, notify } = request;
  const parameters = [accountId, String(amount), expiresAt ?? null, reason ?? null, idempotencyKey, now];
  const row = await connection.row(GRANT, [...parameters, notify ?? false]);
  const outcome = text(row?.['outcome']) as 'added' | 'duplicate' | 'conflict' | 'expired';
  if (outcome === 'conflict' || outcome === 'expired') return { ok: false, reason: outcome };
  return { ok: true, duplicate: outcome === 'duplicate', entry: toEntry(row ?? {}) };
}

async function refund(
  connection: PostgresConnection,
  { accountId: account, requestId, reason, now }: Refund,
): Promise<RefundResult> {
  const known = await connection.row(
    `SELECT account_id FROM gateway_events WHERE id = $1 ${account === undefined ? '' : 'AND account_id = $2'}`,
    account === undefined ? [packId(requestId)] : [packId(requestId), account],
  );
  if (!known) return { ok: false, reason: 'unknown' };
  const accountId = text(known['account_id']);
  const step = connection.rows(
    `SELECT refunded, ${entryColumns('(entry).')} FROM gateway_refund($1, $2, $3, $4)`,
    [accountId, packId(requestId), reason ?? null, now],
    'harmful',
  );
  const rows = await unlessTooLarge(step);
  if (!rows) return { ok: false, reason: 'too_large' };
  if (rows[0]?.['refunded'] !== true) return { ok: false, reason: 'already_refunded' };
  return { ok: true, accountId, entries: rows.filter((row) => row['seq'] !== null).map(toEntry) };
}

async function funds(connection: PostgresConnection, accountId: string, now: number): Promise<Funds> {
  const [balance, grants, allowances] = await Promise.all([
    connection.row('SELECT balance::text, held::text FROM gateway_balances WHERE account_id = $1', [accountId]),
    connection.rows(
      `SELECT ${GRANT_COLUMNS} FROM gateway_grants WHERE account_id = $1 AND open
       AND (expires_at IS NULL OR expires_at > $2) ORDER BY gateway_grants.expires_at NULLS LAST, seq`,
      [accountId, now],
    ),
    connection.rows(
      `SELECT DISTINCT ON (allowance) ${ALLOWANCE_COLUMNS} FROM gateway_allowances
       WHERE account_id = $1 AND ends_at > $2 ORDER BY allowance, gateway_allowances.ends_at DESC`,
      [accountId, now],
    ),
  ]);
  return {
    balance: money(balance?.['balance'] ?? 0),
    held: money(balance?.['held'] ?? 0),
    grants: grants.map(toGrant),
    allowances: allowances.map(toAllowance),
  };
}

/** Promo codes in PostgreSQL. */
export function postgresPromoCodes(connection: PostgresConnection): PromoCodeLedger {
  return {
    createPromoCode: (code) => createPromoCode(connection, code),
    async listPromoCodes(page) {
      const before =
        page.before === undefined ? '' : 'WHERE seq < (SELECT seq FROM gateway_promo_codes WHERE code = $2)';
      const rows = await connection.rows(
        `SELECT ${PROMO_COLUMNS} FROM gateway_promo_codes ${before} ORDER BY seq DESC LIMIT $1`,
        page.before === undefined ? [page.limit] : [page.limit, page.before],
      );
      return rows.map(toPromoCode);
    },
    async disablePromoCode(code, now) {
      const statement =
        'UPDATE gateway_promo_codes SET disabled_at = COALESCE(disabled_at, $2) WHERE code = $1 RETURNING 1 AS known';
      return (await connection.row(statement, [code, now])) !== undefined;
    },
    redeem: (redemption) => redeem(connection, redemption),
  };
}

async function createPromoCode(connection: PostgresConnection, promo: PromoCode): Promise<boolean> {
  checkPromoCode(promo);
  const row = await connection.row(
    `INSERT INTO gateway_promo_codes (code, amount, max_redemptions, expires_at, created_at, redemptions,
       credit_expires_after, plan, new_accounts_only)
     VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8) ON CONFLICT (code) DO NOTHING RETURNING 1 AS added`,
    [
      promo.code,
      String(promo.amount),
      promo.maxRedemptions ?? null,
      promo.expiresAt ?? null,
      promo.createdAt,
      promo.creditExpiresAfterMs ?? null,
      promo.plan ?? null,
      promo.newAccountsOnly ?? false,
    ],
    'harmful',
  );
  return row !== undefined;
}

async function redeem(
  connection: PostgresConnection,
  { accountId, code, now, notify }: Redemption,
): Promise<RedeemResult> {
  const rows = await unlessTooLarge(connection.rows(REDEEM, [accountId, code, now, notify ?? false], 'harmful'));
  if (!rows) return { ok: false, reason: 'too_large' };
  const [row] = rows;
  const outcome = text(row?.['outcome']) as 'added' | Extract<RedeemResult, { ok: false }>['reason'];
  if (outcome !== 'added') return { ok: false, reason: outcome };
  const plan = optionalText(row?.['plan']);
  return { ok: true, entry: toEntry(row ?? {}), ...(plan !== undefined && { plan }) };
}
