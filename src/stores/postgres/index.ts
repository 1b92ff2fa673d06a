export type { PostgresPool, PostgresResult } from './bounded-pool.js';
export { type PostgresStoreOptions, postgresStore } from './postgres-store.js';
