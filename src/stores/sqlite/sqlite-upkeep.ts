import { integer } from '../row-values.js';
import { ERASED_TABLES, KEPT_TABLES } from '../upkeep.js';
import type { SqliteConnection } from './sqlite-database.js';
import type { SqliteReports } from './sqlite-reports.js';

/** Pruning and erasing in SQLite; functions run inside a transaction that holds the write lock. */
export function pruneEvents(connection: SqliteConnection, before: number, limit: number): number {
  return deleted(
    connection,
    `DELETE FROM gateway_events WHERE number IN (SELECT number FROM gateway_events WHERE at < ? ORDER BY at LIMIT ?)`,
    before,
    limit,
  );
}

/**
 * Copies what the write-ahead log holds into the file, in the thread of the reports: events that are pruned lie on pages all
 * over it, and a commit that has to copy thousands of them holds the event loop meanwhile. It may run late, but never fails.
 */
export async function checkpoint(reports: SqliteReports): Promise<void> {
  try {
    await reports.rows('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // The next commit that finds the log long does it.
  }
}

export function pruneHolds(connection: SqliteConnection, before: number, limit: number): number {
  return deleted(
    connection,
    `DELETE FROM gateway_holds WHERE (id, account_id) IN
       (SELECT id, account_id FROM gateway_holds WHERE state <> 'open' AND expires_at < ? LIMIT ?)`,
    before,
    limit,
  );
}

/** Runs a statement that deletes; returns how many rows went. */
function deleted(connection: SqliteConnection, statement: string, before: number, limit: number): number {
  connection.run(statement, before, limit);
  return integer(connection.get('SELECT changes() AS gone')?.['gone']);
}

/**
 * Erases an account. Deleted data is overwritten with zeros.
 *
 * Source: SQLite, "PRAGMA secure_delete".
 */
export function eraseAccount(connection: SqliteConnection, accountId: string, pseudonym: string): boolean {
  const open = "SELECT COUNT(*) AS holds FROM gateway_holds WHERE account_id = ? AND state = 'open'";
  if (integer(connection.get(open, accountId)?.['holds']) > 0) return false;
  const before = integer(connection.get('PRAGMA secure_delete')?.['secure_delete']);
  connection.exec('PRAGMA secure_delete = 1');
  try {
    forget(connection, accountId, pseudonym);
  } finally {
    connection.exec(`PRAGMA secure_delete = ${before === 2 ? 'FAST' : before}`);
  }
  return true;
}

/**
 * Empties the write-ahead log, which holds older versions of pages, unless another connection is reading from it, such as that
 * of the reports. What was written before stays written where the disk is full.
 */
export function emptyLog(connection: SqliteConnection): void {
  try {
    connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // The account is erased all the same; the next checkpoint reuses the log.
  }
}

function forget(connection: SqliteConnection, accountId: string, pseudonym: string): void {
  // Names of end users and sessions are among those of budgets.
  connection.run(
    "UPDATE gateway_balances SET counts = json_remove(counts, '$.budgets') WHERE account_id = ?",
    accountId,
  );
  for (const [table, cleared] of Object.entries(KEPT_TABLES)) {
    const changes = ['account_id = ?', ...cleared.map((column) => `${column} = NULL`)].join(', ');
    connection.run(`UPDATE ${table} SET ${changes} WHERE account_id = ?`, pseudonym, accountId);
  }
  for (const table of ERASED_TABLES) connection.run(`DELETE FROM ${table} WHERE account_id = ?`, accountId);
  connection.run('DELETE FROM gateway_accounts WHERE id = ?', accountId);
}
