export type { Synchronous } from './schema.js';
export type { SqliteStoreOptions } from './sqlite-access.js';
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
export { sqliteStore } from './sqlite-store.js';
