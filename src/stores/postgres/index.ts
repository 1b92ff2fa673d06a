export type { PostgresJs, PostgresPool, PostgresResult } from './bounded-pool.js';
export type { PostgresConnectionOptions } from './postgres-connection.js';
export { type PostgresStoreOptions, postgresStore } from './postgres-store.js';
