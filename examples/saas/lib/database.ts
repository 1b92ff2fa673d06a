import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';

const { DATABASE_FILE = '.data/saas.db' } = process.env;
mkdirSync(dirname(DATABASE_FILE), { recursive: true });

/** One SQLite file holds the users, their sessions, and the gateway's keys and ledger. */
export const database = new Database(DATABASE_FILE);
