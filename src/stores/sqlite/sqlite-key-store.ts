import { changedValues } from '../../keys/key-details.js';
import type {
  Account,
  AccountChange,
  AccountQuery,
  KeyChange,
  KeyPage,
  KeyRecord,
  KeyWithAccount,
  StoredKey,
} from '../../keys/key-store.js';
import { accountColumns, KEY_COLUMNS, toAccount, toJson, toKey } from '../key-rows.js';
import { integer } from '../row-values.js';
import type { SqliteConnection, SqliteValue } from './sqlite-database.js';
import type { SqliteReports } from './sqlite-reports.js';

const ACCOUNT = accountColumns('gateway_accounts');

/** Keys and accounts in SQLite; functions that write run inside a transaction that holds the write lock. */
export function createKey(connection: SqliteConnection, key: StoredKey): void {
  connection.run(
    'INSERT INTO gateway_accounts (id, plan, created_at) VALUES (?, NULL, ?) ON CONFLICT (id) DO NOTHING',
    key.accountId,
    key.createdAt,
  );
  connection.run(
    `INSERT INTO gateway_keys (id, hash, account_id, name, hint, created_at, last_used_at, expires_at, revoked_at,
       models, limits, budget, details, is_session) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    key.details?.session ? 1 : 0,
  );
}

export function createKeyWithin(connection: SqliteConnection, key: StoredKey, most: number, now: number): boolean {
  const row = connection.get(
    `SELECT COUNT(*) AS usable FROM gateway_keys WHERE account_id = ? AND is_session = 0
       AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)`,
    key.accountId,
    now,
  );
  if (integer(row?.['usable']) >= most) return false;
  createKey(connection, key);
  return true;
}

export function findKey(connection: SqliteConnection, hash: string): KeyWithAccount | undefined {
  const row = connection.get(
    `SELECT ${KEY_COLUMNS}, ${accountColumns('a')}
     FROM gateway_keys k JOIN gateway_accounts a ON a.id = k.account_id WHERE k.hash = ?`,
    hash,
  );
  if (!row) return undefined;
  return { key: toKey(row), account: toAccount(row) };
}

export function listKeys(connection: SqliteConnection, accountId: string, page?: KeyPage): KeyRecord[] {
  return list(connection, accountId, false, page);
}

export async function getKeys(reports: SqliteReports, ids: readonly string[], accountId: string): Promise<KeyRecord[]> {
  const statement = `SELECT ${KEY_COLUMNS} FROM gateway_keys k
    WHERE k.id IN (SELECT value FROM json_each(?)) AND k.account_id = ?`;
  return (await reports.rows(statement, JSON.stringify(ids), accountId)).map(toKey);
}

export function listSessions(connection: SqliteConnection, accountId: string, page: KeyPage): KeyRecord[] {
  return list(connection, accountId, true, page);
}

function list(connection: SqliteConnection, accountId: string, sessions: boolean, page?: KeyPage): KeyRecord[] {
  const { before, limit = -1 } = page ?? {};
  const values: SqliteValue[] = before === undefined ? [accountId, limit] : [accountId, before, accountId, limit];
  const after =
    before === undefined ? '' : 'AND k.seq < (SELECT seq FROM gateway_keys WHERE id = ? AND account_id = ?)';
  return connection
    .all(
      `SELECT ${KEY_COLUMNS} FROM gateway_keys k WHERE k.account_id = ? AND k.is_session = ${sessions ? 1 : 0} ${after}
       ORDER BY k.seq DESC LIMIT ?`,
      ...values,
    )
    .map(toKey);
}

export function pruneSessions(connection: SqliteConnection, expiredBefore: number): number {
  const which = 'is_session AND expires_at < ?';
  const row = connection.get(`SELECT COUNT(*) AS count FROM gateway_keys WHERE ${which}`, expiredBefore);
  connection.run(`DELETE FROM gateway_keys WHERE ${which}`, expiredBefore);
  return Number(row?.['count'] ?? 0);
}

export function updateKey(
  connection: SqliteConnection,
  id: string,
  change: KeyChange,
  accountId: string | undefined,
): KeyRecord | undefined {
  const assignments: string[] = [];
  const values: SqliteValue[] = [];
  const set = (assignment: string, value: SqliteValue | undefined) => {
    if (value === undefined) return;
    assignments.push(assignment);
    values.push(value);
  };
  set('name = ?', change.name);
  set('revoked_at = COALESCE(revoked_at, ?)', change.revokedAt);
  set('expires_at = ?', change.expiresAt);
  set('models = ?', change.models === undefined ? undefined : toJson(change.models));
  set('limits = ?', change.limits === undefined ? undefined : toJson(change.limits));
  set('budget = ?', change.budget === undefined ? undefined : toJson(change.budget));
  const owned = accountId === undefined ? '' : ' AND account_id = ?';
  const which: SqliteValue[] = accountId === undefined ? [id] : [id, accountId];
  if (change.details) {
    const known = connection.get(`SELECT ${KEY_COLUMNS} FROM gateway_keys k WHERE k.id = ?${owned}`, ...which);
    if (known) set('details = ?', toJson(changedValues(toKey(known).details, change.details)));
  }
  if (assignments.length > 0)
    connection.run(`UPDATE gateway_keys SET ${assignments.join(', ')} WHERE id = ?${owned}`, ...values, ...which);
  const row = connection.get(`SELECT ${KEY_COLUMNS} FROM gateway_keys k WHERE k.id = ?${owned}`, ...which);
  return row && toKey(row);
}

export function touchKeys(
  connection: SqliteConnection,
  uses: readonly { readonly id: string; readonly at: number }[],
): void {
  for (const { id, at } of uses)
    connection.run('UPDATE gateway_keys SET last_used_at = MAX(COALESCE(last_used_at, 0), ?) WHERE id = ?', at, id);
}

export function findKeyByName(connection: SqliteConnection, wanted: string): KeyRecord | undefined {
  const row = connection.get(
    `SELECT ${KEY_COLUMNS} FROM gateway_keys k WHERE k.id = ? OR k.hint = ? ORDER BY k.created_at DESC LIMIT 1`,
    wanted,
    wanted,
  );
  return row && toKey(row);
}

export function getAccount(connection: SqliteConnection, id: string): Account | undefined {
  const row = connection.get(`SELECT ${ACCOUNT} FROM gateway_accounts WHERE id = ?`, id);
  return row && toAccount(row);
}

export async function getAccounts(reports: SqliteReports, ids: readonly string[]): Promise<Account[]> {
  const statement = `SELECT ${ACCOUNT} FROM gateway_accounts WHERE id IN (SELECT value FROM json_each(?))`;
  return (await reports.rows(statement, JSON.stringify(ids))).map(toAccount);
}

export function saveAccount(
  connection: SqliteConnection,
  { id, plan, budget, suspension, profile, now }: AccountChange,
): Account {
  const row = connection.get(
    `INSERT INTO gateway_accounts (id, plan, created_at, plan_since, budget, suspension, profile)
       VALUES (?, ?, ?, ?, ?, ?, NULLIF(json_patch('{}', ?), '{}'))
     ON CONFLICT (id) DO UPDATE SET plan = COALESCE(excluded.plan, plan),
       plan_since = CASE WHEN excluded.plan IS NOT plan AND excluded.plan IS NOT NULL
         THEN excluded.plan_since ELSE plan_since END,
       budget = CASE WHEN ? = 1 THEN budget ELSE excluded.budget END,
       suspension = CASE WHEN ? = 1 THEN suspension ELSE excluded.suspension END,
       profile = NULLIF(json_patch(COALESCE(profile, '{}'), COALESCE(?, '{}')), '{}')
     RETURNING ${ACCOUNT.replaceAll('gateway_accounts.', '')}`,
    id,
    plan ?? null,
    now,
    plan === undefined ? null : now,
    toJson(budget),
    toJson(suspension),
    toJson(profile),
    budget === undefined ? 1 : 0,
    suspension === undefined ? 1 : 0,
    toJson(profile),
  );
  return toAccount(row ?? {});
}

export async function listAccounts(reports: SqliteReports, query: AccountQuery): Promise<Account[]> {
  const { after = '', search = '', limit } = query;
  const named = (field: string) => `instr(lower(COALESCE(json_extract(profile, '$.${field}'), '')), ?) > 0`;
  const statement = `SELECT ${ACCOUNT} FROM gateway_accounts
    WHERE id > ? AND (instr(id, ?) > 0 OR ${named('displayName')} OR ${named('email')}) ORDER BY id LIMIT ?`;
  const lower = search.toLowerCase();
  return (await reports.rows(statement, after, search, lower, lower, limit)).map(toAccount);
}
