export type { PostgresPool, PostgresResult } from './postgres-connection.js';
export { type PostgresStoreOptions, postgresStore } from './postgres-store.js';
