import { Database } from 'bun:sqlite';
import { sqliteStore } from 'metask-gateway/sqlite';
export const store = sqliteStore(new Database('a.db'));
