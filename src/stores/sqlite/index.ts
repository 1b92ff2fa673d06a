export type { Synchronous } from './schema.js';
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite-database.js';
export { type SqliteStoreOptions, sqliteStore } from './sqlite-store.js';
