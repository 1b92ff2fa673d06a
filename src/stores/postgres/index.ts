export type { PostgresPool, PostgresResult } from './postgres-connection.js';
export { postgresStore } from './postgres-store.js';
