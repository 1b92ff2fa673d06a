import type { Store } from '../store.js';
import { PostgresConnection, type PostgresPool } from './postgres-connection.js';
import { postgresKeyStore } from './postgres-key-store.js';
import { postgresMeter } from './postgres-meter.js';
import { migrationStatement } from './schema.js';

/**
 * Keys and money in PostgreSQL, version 12 or later, for any number of processes and machines.
 *
 * Every method is one statement, so that it needs no transaction on a connection of its own and works through
 * PgBouncer in transaction mode. The tables and functions `gateway_…` are created in the first schema of the search
 * path, on first use. A statement is sent again after a deadlock, a serialization failure or a lost connection, unless
 * it could then happen twice. The caller closes the pool.
 *
 * @param pool anything with `query(text, parameters)`: `pg.Pool`, PGlite, Neon.
 */
export function postgresStore(pool: PostgresPool): Store {
  const connection = new PostgresConnection(pool, migrationStatement);
  return {
    keyStore: postgresKeyStore(connection),
    meter: postgresMeter(connection),
    migrate: () => connection.migrate(),
  };
}
