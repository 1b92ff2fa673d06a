import { createRequire } from 'node:module';
import type { SqliteDatabase } from './sqlite-database.js';

/** What it takes to open a database a second time. */
export interface DatabasePlace {
  /** The driver's module: a path, or the name of a built-in one. */
  readonly driver: string;
  readonly file: string;
}

/**
 * Where a database is, and the very module that opened it. Two builds of SQLite in one process must not open one file:
 * closing it in one drops the locks of the other (https://sqlite.org/howtocorrupt.html, section 2.2.1).
 *
 * Undefined: it is in memory, or its driver can't be found, as with one that a bundler has built in.
 */
export function placeOf(database: SqliteDatabase): DatabasePlace | undefined {
  const rows = database.prepare('PRAGMA database_list').all() as Readonly<Record<string, unknown>>[];
  const file = rows.find(({ name }) => name === 'main')?.['file'];
  const driver = driverOf(database);
  return typeof file === 'string' && file !== '' && driver !== undefined ? { driver, file } : undefined;
}

function driverOf(database: SqliteDatabase): string | undefined {
  const driver = database.constructor;
  const builtIn = process.getBuiltinModule?.('node:sqlite');
  if (exportsOf(builtIn).includes(driver)) return 'node:sqlite';
  const loaded = Object.values(createRequire(`${process.cwd()}/index.js`).cache);
  return loaded.find((module) => exportsOf(module?.exports).includes(driver))?.filename;
}

/** A module as CommonJS sees it is its class, or has it under one of these names. */
function exportsOf(exported: unknown): readonly unknown[] {
  if (typeof exported !== 'object' && typeof exported !== 'function') return [];
  const { default: whole, DatabaseSync } = (exported ?? {}) as { default?: unknown; DatabaseSync?: unknown };
  return [exported, whole, DatabaseSync].filter((candidate) => typeof candidate === 'function');
}
