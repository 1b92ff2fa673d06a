import type { KeyChange, KeyPage, KeyRecord, KeyStore, StoredKey } from '../../keys/key-store.js';
import { accountColumns, KEY_COLUMNS, toAccount, toJson, toKey } from '../key-rows.js';
import { type PostgresPool, postgresPoolOf } from './bounded-pool.js';
import { type PostgresConnection, rowsOf } from './postgres-connection.js';

const ACCOUNT = accountColumns('gateway_accounts');

/**
 * $4 says that the budget stays, $6 that the suspension does; $8 is merged into the profile. A plan that is not another one
 * keeps its beginning.
 */
const SAVE_ACCOUNT = `INSERT INTO gateway_accounts AS a (id, plan, created_at, plan_since, budget, suspension, profile)
  VALUES ($1::text, $2::text, $3::bigint, CASE WHEN $2::text IS NOT NULL THEN $3::bigint END, $5::text, $7::text,
    NULLIF(jsonb_strip_nulls($8::text::jsonb)::text, '{}'))
  ON CONFLICT (id) DO UPDATE SET plan = COALESCE(excluded.plan, a.plan),
    plan_since = CASE WHEN excluded.plan IS DISTINCT FROM a.plan AND excluded.plan IS NOT NULL
      THEN excluded.plan_since ELSE a.plan_since END,
    budget = CASE WHEN $4::boolean THEN a.budget ELSE excluded.budget END,
    suspension = CASE WHEN $6::boolean THEN a.suspension ELSE excluded.suspension END,
    profile = NULLIF(jsonb_strip_nulls(
      COALESCE(a.profile, '{}')::jsonb || COALESCE($8::text, '{}')::jsonb)::text, '{}')
  RETURNING ${accountColumns('a')}`;

/** Keys and accounts in PostgreSQL: each method is one statement. */
export function postgresKeyStore(connection: PostgresConnection): KeyStore {
  return { ...keysIn(connection), ...accountsIn(connection) };
}

function keysIn(connection: PostgresConnection) {
  return {
    async createKey(key) {
      await createKey(connection, key);
    },
    createKeyWithin: (key, most, now) => createKey(connection, key, { most, now }),
    async findKey(hash) {
      const row = await connection.row(
        `SELECT ${KEY_COLUMNS}, ${accountColumns('a')}
         FROM gateway_keys k JOIN gateway_accounts a ON a.id = k.account_id WHERE k.hash = $1`,
        [hash],
      );
      if (!row) return undefined;
      return { key: toKey(row), account: toAccount(row) };
    },
    listKeys: (accountId, page) => listKeys(connection, 'NOT k.is_session', accountId, page),
    async getKeys(ids, accountId) {
      const statement = `SELECT ${KEY_COLUMNS} FROM gateway_keys k WHERE k.id = ANY ($1::text[]) AND k.account_id = $2`;
      return (await connection.rows(statement, [[...ids], accountId])).map(toKey);
    },
    listSessions: (accountId, page) => listKeys(connection, 'k.is_session', accountId, page),
    async pruneSessions(expiredBefore) {
      const statement = 'DELETE FROM gateway_keys WHERE is_session AND expires_at < $1 RETURNING id';
      return (await connection.rows(statement, [expiredBefore])).length;
    },
    updateKey: (id, change, accountId) => updateKey(connection, id, change, accountId),
    async touchKeys(uses) {
      if (uses.length === 0) return;
      await connection.row(
        `UPDATE gateway_keys k SET last_used_at = GREATEST(k.last_used_at, u.at)
         FROM (SELECT id, MAX(at) AS at FROM unnest($1::text[], $2::bigint[]) AS t (id, at) GROUP BY id) u
         WHERE k.id = u.id`,
        [uses.map(({ id }) => id), uses.map(({ at }) => at)],
      );
    },
    async findKeyByName(wanted) {
      const row = await connection.row(
        `SELECT ${KEY_COLUMNS} FROM gateway_keys k WHERE k.id = $1 OR k.hint = $1 ORDER BY k.created_at DESC LIMIT 1`,
        [wanted],
      );
      return row && toKey(row);
    },
  } satisfies Partial<KeyStore>;
}

function accountsIn(connection: PostgresConnection) {
  return {
    async getAccount(id) {
      const row = await connection.row(`SELECT ${ACCOUNT} FROM gateway_accounts WHERE id = $1`, [id]);
      return row && toAccount(row);
    },
    async getAccounts(ids) {
      const statement = `SELECT ${ACCOUNT} FROM gateway_accounts WHERE id = ANY ($1::text[])`;
      return (await connection.rows(statement, [[...ids]])).map(toAccount);
    },
    async saveAccount({ id, plan, budget, suspension, profile, now, tx }) {
      const kept = [budget, suspension].flatMap((value) => [value === undefined, toJson(value)]);
      const parameters = [id, plan ?? null, now, ...kept, toJson(profile)];
      const row =
        tx === undefined
          ? await connection.row(SAVE_ACCOUNT, parameters)
          : rowsOf(await postgresPoolOf(tx as PostgresPool, 'tx').query(SAVE_ACCOUNT, parameters))[0];
      return toAccount(row ?? {});
    },
    async listAccounts({ search = '', after = '', limit }) {
      const rows = await connection.rows(
        `SELECT ${ACCOUNT} FROM gateway_accounts WHERE id > $1 AND (strpos(id, $2) > 0
           OR strpos(lower(profile::jsonb ->> 'displayName'), lower($2)) > 0
           OR strpos(lower(profile::jsonb ->> 'email'), lower($2)) > 0) ORDER BY id LIMIT $3`,
        [after, search, limit],
      );
      return rows.map(toAccount);
    },
  } satisfies Partial<KeyStore>;
}

async function listKeys(
  connection: PostgresConnection,
  which: string,
  accountId: string,
  page?: KeyPage,
): Promise<KeyRecord[]> {
  const statement = `SELECT ${KEY_COLUMNS} FROM gateway_keys k WHERE k.account_id = $1 AND ${which}
    AND ($2::text IS NULL OR k.seq < (SELECT seq FROM gateway_keys WHERE id = $2 AND account_id = $1))
    ORDER BY k.seq DESC LIMIT $3`;
  return (await connection.rows(statement, [accountId, page?.before ?? null, page?.limit ?? null])).map(toKey);
}

/** @returns false when the account has as many keys as it may have. */
async function createKey(
  connection: PostgresConnection,
  key: StoredKey,
  bound?: { readonly most: number; readonly now: number },
): Promise<boolean> {
  const rows = await connection.rows(
    `WITH account AS (
       INSERT INTO gateway_accounts (id, plan, created_at) VALUES ($3, NULL, $6) ON CONFLICT (id) DO NOTHING
     )
     INSERT INTO gateway_keys (id, hash, account_id, name, hint, created_at, last_used_at, expires_at, revoked_at,
       models, limits, budget, details, is_session)
     SELECT $1, $2, $3, $4, $5, $6::bigint, $7::bigint, $8::bigint, $9::bigint, $10, $11, $12, $13, $14::boolean
     ${bound ? 'WHERE gateway_has_key_room($3, $15, $16)' : ''} RETURNING id`,
    [
      key.id,
      key.hash,
      key.accountId,
      key.name,
      key.hint,
      key.createdAt,
      key.lastUsedAt ?? null,
      key.expiresAt ?? null,
      key.revokedAt ?? null,
      toJson(key.models),
      toJson(key.limits),
      toJson(key.budget),
      toJson(key.details),
      key.details?.session !== undefined,
      ...(bound ? [bound.most, bound.now] : []),
    ],
    'harmful',
  );
  return rows.length > 0;
}

async function updateKey(
  connection: PostgresConnection,
  id: string,
  change: KeyChange,
  accountId: string | undefined,
): Promise<KeyRecord | undefined> {
  const parameters: unknown[] = [id];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  const owned = accountId === undefined ? '' : ` AND k.account_id = ${bind(accountId)}`;
  const set: string[] = [];
  if (change.name !== undefined) set.push(`name = ${bind(change.name)}`);
  if (change.revokedAt !== undefined) set.push(`revoked_at = COALESCE(k.revoked_at, ${bind(change.revokedAt)})`);
  if (change.expiresAt !== undefined) set.push(`expires_at = ${bind(change.expiresAt)}`);
  for (const column of ['models', 'limits', 'budget'] as const)
    if (change[column] !== undefined) set.push(`${column} = ${bind(toJson(change[column]))}`);
  if (change.details) {
    const changed = `COALESCE(k.details::jsonb, '{}') || ${bind(JSON.stringify(change.details))}::text::jsonb`;
    set.push(`details = NULLIF(jsonb_strip_nulls(${changed}), '{}')::text`);
  }
  const statement =
    set.length > 0
      ? `UPDATE gateway_keys k SET ${set.join(', ')} WHERE k.id = $1${owned} RETURNING ${KEY_COLUMNS}`
      : `SELECT ${KEY_COLUMNS} FROM gateway_keys k WHERE k.id = $1${owned}`;
  const row = await connection.row(statement, parameters);
  return row && toKey(row);
}
