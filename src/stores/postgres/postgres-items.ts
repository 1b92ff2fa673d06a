import { type ItemStore, MAX_ACCOUNT_ITEMS } from '../../items/item-store.js';
import { integer, text } from '../row-values.js';
import type { PostgresConnection } from './postgres-connection.js';

/**
 * The last of several with one id counts: a statement can't change a row twice. What it deletes is chosen from the other rows
 * alone, whether it sees the new ones (on Citus) or not.
 */
const PUT = `WITH kept AS (
    INSERT INTO gateway_items (account_id, id, value, expires_at)
    SELECT DISTINCT ON (id) $1, id, value, $4::bigint
    FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS item (id, value, place) ORDER BY id, place DESC
    ON CONFLICT (account_id, id) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
  ) DELETE FROM gateway_items WHERE account_id = $1 AND id IN (
    SELECT id FROM gateway_items WHERE account_id = $1 AND id <> ALL ($2::text[]) ORDER BY expires_at DESC, id
    OFFSET ${MAX_ACCOUNT_ITEMS} - cardinality($2::text[])
  )`;

/** Kept items in PostgreSQL: each method is one statement. */
export function postgresItems(connection: PostgresConnection): ItemStore {
  return {
    async put(accountId, items, expiresAt) {
      // The gateway keeps far fewer at once; more than the bound would be deleted again anyway.
      const newest = items.slice(-MAX_ACCOUNT_ITEMS);
      const [ids, values] = [newest.map(({ id }) => id), newest.map(({ value }) => value.replaceAll('\0', ''))];
      await connection.rows(PUT, [accountId, ids, values, expiresAt]);
    },
    async get(accountId, ids, now) {
      const rows = await connection.rows(
        `SELECT id, value, expires_at FROM gateway_items
         WHERE account_id = $1 AND id = ANY ($2::text[]) AND expires_at > $3`,
        [accountId, ids, now],
      );
      return new Map(
        rows.map((row) => [text(row['id']), { value: text(row['value']), expiresAt: integer(row['expires_at']) }]),
      );
    },
    async prune(now, limit) {
      const row = await connection.row(
        `WITH gone AS (
           DELETE FROM gateway_items i USING (
             SELECT account_id, id FROM gateway_items WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2
           ) old WHERE i.account_id = old.account_id AND i.id = old.id AND i.expires_at <= $1 RETURNING 1
         ) SELECT COUNT(*) AS gone FROM gone`,
        [now, limit],
      );
      return integer(row?.['gone']);
    },
    async erase(accountId) {
      await connection.rows('DELETE FROM gateway_items WHERE account_id = $1', [accountId]);
    },
  };
}

/** The table of kept items. */
export const ITEM_TABLE = `
  CREATE TABLE gateway_items (
    account_id text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, value text NOT NULL, expires_at bigint NOT NULL,
    PRIMARY KEY (account_id, id)
  );
  CREATE INDEX gateway_items_account ON gateway_items (account_id, expires_at);
  CREATE INDEX gateway_items_time ON gateway_items (expires_at);
`;
