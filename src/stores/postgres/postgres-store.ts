import { type Check, checkGiven, one } from '../../lib/option-checks.js';
import { waitProblem } from '../../lib/timers.js';
import type { FullStore } from '../store.js';
import { type PostgresJs, type PostgresPool, postgresPoolOf } from './bounded-pool.js';
import { distributionStatement } from './citus.js';
import { postgresChangeLog } from './postgres-change-log.js';
import { PostgresConnection, type PostgresConnectionOptions } from './postgres-connection.js';
import { postgresItems } from './postgres-items.js';
import { postgresKeyStore } from './postgres-key-store.js';
import { postgresMeter } from './postgres-meter.js';
import { postgresRequestLog } from './postgres-request-log.js';
import { postgresUpkeep } from './postgres-upkeep.js';
import { migrationStatement } from './schema.js';

/** How the PostgreSQL store behaves. */
export interface PostgresStoreOptions extends PostgresConnectionOptions {
  /**
   * `'citus'`: the database is the coordinator of a Citus cluster, and the migration spreads the tables over its nodes by
   * account. `accounts.erase` is refused there. @default one database
   */
  readonly distributed?: 'citus';
}

const OPTIONS = {
  statementTimeoutMs: waitProblem,
  reportTimeoutMs: waitProblem,
  distributed: one(['citus']),
} satisfies Record<keyof PostgresStoreOptions, Check>;

/**
 * Keys and money in PostgreSQL, version 12 or later, for any number of processes and machines.
 *
 * Every method is one statement, so that it needs no transaction on a connection of its own and works through
 * PgBouncer in transaction mode. The tables and functions `gateway_…` are created in the first schema of the search
 * path, on first use. A statement is sent again after a deadlock, a serialization failure or a lost connection, unless
 * it could then happen twice. A connection that does not answer in time is closed, and its statement fails or is sent
 * again on another one. The caller closes the pool.
 *
 * @param pool anything with `query(text, parameters)`: `pg.Pool`, PGlite, Neon's pool or HTTP function; or the `sql`
 *   function of postgres.js.
 * @throws {TypeError} when it is neither, and that names an option that is unknown or wrong.
 */
export function postgresStore(pool: PostgresPool | PostgresJs, options: PostgresStoreOptions = {}): FullStore {
  checkGiven('postgresStore', options, OPTIONS);
  const { distributed } = options;
  const steps = distributed ? [migrationStatement, distributionStatement] : [migrationStatement];
  const connection = new PostgresConnection(postgresPoolOf(pool), steps, options);
  return {
    keyStore: postgresKeyStore(connection),
    meter: postgresMeter(connection, distributed),
    requests: postgresRequestLog(connection, distributed),
    items: postgresItems(connection),
    changes: postgresChangeLog(connection),
    upkeep: postgresUpkeep(connection, distributed),
    migrate: () => connection.migrateWhole(),
  };
}
