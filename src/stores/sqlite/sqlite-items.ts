import { type FoundItem, type KeptItem, MAX_ACCOUNT_ITEMS } from '../../items/item-store.js';
import { integer, text } from '../row-values.js';
import type { SqliteConnection } from './sqlite-database.js';

const PUT = `INSERT INTO gateway_items (account_id, id, value, expires_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (account_id, id) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`;

const TRIM = `DELETE FROM gateway_items WHERE account_id = ? AND id IN (
    SELECT id FROM gateway_items WHERE account_id = ? ORDER BY expires_at DESC, id LIMIT -1 OFFSET ?
  )`;

/** Kept items in SQLite; functions that write run inside a transaction that holds the write lock. */
export function put(
  connection: SqliteConnection,
  accountId: string,
  items: readonly KeptItem[],
  expiresAt: number,
): void {
  for (const { id, value } of items) connection.run(PUT, accountId, id, value, expiresAt);
  connection.run(TRIM, accountId, accountId, MAX_ACCOUNT_ITEMS);
}

export function get(
  connection: SqliteConnection,
  accountId: string,
  ids: readonly string[],
  now: number,
): ReadonlyMap<string, FoundItem> {
  const rows = connection.all(
    `SELECT id, value, expires_at FROM gateway_items
     WHERE account_id = ? AND id IN (SELECT value FROM json_each(?)) AND expires_at > ?`,
    accountId,
    JSON.stringify(ids),
    now,
  );
  return new Map(
    rows.map((row) => [text(row['id']), { value: text(row['value']), expiresAt: integer(row['expires_at']) }]),
  );
}

export function prune(connection: SqliteConnection, now: number, limit: number): number {
  const old = connection.all(
    'SELECT account_id, id FROM gateway_items WHERE expires_at <= ? ORDER BY expires_at LIMIT ?',
    now,
    limit,
  );
  for (const row of old) {
    connection.run(
      'DELETE FROM gateway_items WHERE account_id = ? AND id = ?',
      text(row['account_id']),
      text(row['id']),
    );
  }
  return old.length;
}

export function erase(connection: SqliteConnection, accountId: string): void {
  connection.run('DELETE FROM gateway_items WHERE account_id = ?', accountId);
}

/** The table of kept items. */
export const ITEM_TABLE = `
  CREATE TABLE gateway_items (
    account_id TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
  ) STRICT;
  CREATE INDEX gateway_items_account ON gateway_items (account_id, expires_at);
  CREATE INDEX gateway_items_time ON gateway_items (expires_at);
`;
