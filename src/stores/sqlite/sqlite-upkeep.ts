import { integer } from '../row-values.js';
import { ERASED_TABLES, KEPT_TABLES } from '../upkeep.js';
import type { SqliteConnection } from './sqlite-database.js';

/** Pruning and erasing in SQLite; functions run inside a transaction that holds the write lock. */
export function pruneEvents(connection: SqliteConnection, before: number, limit: number): number {
  const old = connection.all(
    'SELECT id, account_id FROM gateway_events WHERE at < ? ORDER BY at LIMIT ?',
    before,
    limit,
  );
  for (const { id, account_id } of old) {
    connection.run('DELETE FROM gateway_events WHERE id = ? AND account_id = ?', String(id), String(account_id));
  }
  return old.length;
}

export function pruneHolds(connection: SqliteConnection, before: number, limit: number): number {
  const old = connection.all(
    "SELECT id, account_id FROM gateway_holds WHERE state <> 'open' AND expires_at < ? LIMIT ?",
    before,
    limit,
  );
  for (const { id, account_id } of old) {
    connection.run('DELETE FROM gateway_holds WHERE id = ? AND account_id = ?', String(id), String(account_id));
  }
  return old.length;
}

export function eraseAccount(connection: SqliteConnection, accountId: string, pseudonym: string): boolean {
  const open = "SELECT COUNT(*) AS holds FROM gateway_holds WHERE account_id = ? AND state = 'open'";
  if (integer(connection.get(open, accountId)?.['holds']) > 0) return false;
  for (const [table, cleared] of Object.entries(KEPT_TABLES)) {
    const changes = ['account_id = ?', ...cleared.map((column) => `${column} = NULL`)].join(', ');
    connection.run(`UPDATE ${table} SET ${changes} WHERE account_id = ?`, pseudonym, accountId);
  }
  for (const table of ERASED_TABLES) connection.run(`DELETE FROM ${table} WHERE account_id = ?`, accountId);
  connection.run('DELETE FROM gateway_accounts WHERE id = ?', accountId);
  return true;
}
