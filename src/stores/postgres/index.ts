export type { PostgresJs, PostgresPool, PostgresResult } from './bounded-pool.js';
export { type PostgresStoreOptions, postgresStore } from './postgres-store.js';
