import type { Page } from '../../meter/meter.js';
import type { ChangeRecord } from '../change-log.js';
import { CHANGE_COLUMNS, changeStatement, changeValues, toChange } from '../change-rows.js';
import type { SqliteConnection } from './sqlite-database.js';

const INSERT = `INSERT INTO gateway_changes (${CHANGE_COLUMNS.join(', ')})
  VALUES (${CHANGE_COLUMNS.map(() => '?').join(', ')})`;

/** Changes by operators in SQLite; runs inside a transaction that holds the write lock. */
export function append(connection: SqliteConnection, change: ChangeRecord): void {
  connection.run(INSERT, ...changeValues(change));
}

export function list(connection: SqliteConnection, range: { readonly accountId?: string }, page: Page): ChangeRecord[] {
  const { text, parameters } = changeStatement(range, page, () => '?');
  return connection.all(text, ...parameters).map(toChange);
}
