import type { Page } from '../../meter/meter.js';
import type { FailureCount, RequestRange, RequestSpan } from '../../requests/request-log.js';
import type { RequestRecord } from '../../requests/request-record.js';
import { newestOf, newestStatement } from '../account-usage.js';
import {
  failureStatement,
  REQUEST_COLUMNS,
  requestConditions,
  requestValues,
  toFailureCount,
  toRequest,
} from '../request-rows.js';
import type { SqliteConnection } from './sqlite-database.js';
import type { SqliteReports } from './sqlite-reports.js';
import { LISTED_ACCOUNTS } from './sqlite-usage-log.js';

const INSERT = `INSERT INTO gateway_requests (${REQUEST_COLUMNS.join(', ')})
  VALUES (${REQUEST_COLUMNS.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING`;

/** The request log in SQLite; functions that write run inside a transaction that holds the write lock. */
export function append(connection: SqliteConnection, records: readonly RequestRecord[]): void {
  for (const record of records) connection.run(INSERT, ...requestValues(record));
}

export function find(connection: SqliteConnection, id: string, accountId?: string): RequestRecord | undefined {
  const row = connection.get('SELECT account_id, record FROM gateway_requests WHERE id = ?', id);
  return row && (accountId === undefined || row['account_id'] === accountId) ? toRequest(row) : undefined;
}

export async function list(reports: SqliteReports, range: RequestRange, page: Page): Promise<RequestRecord[]> {
  const { conditions, parameters } = requestConditions(
    range,
    () => '?',
    (column) => `+${column}`,
  );
  if (page.before !== undefined) {
    conditions.push('(at, id) < (SELECT at, id FROM gateway_requests WHERE id = ?)');
    parameters.push(page.before);
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const statement = `SELECT record FROM gateway_requests ${where} ORDER BY at DESC, id DESC LIMIT ?`;
  return (await reports.rows(statement, ...parameters, page.limit)).map(toRequest);
}

export async function countFailures(reports: SqliteReports, span: RequestSpan): Promise<FailureCount[]> {
  const { text, parameters } = failureStatement(span, () => '?');
  return (await reports.rows(text, ...parameters)).map(toFailureCount);
}

export async function newestOfAll(reports: SqliteReports, accountIds: readonly string[]): Promise<Map<string, number>> {
  return newestOf(await reports.rows(newestStatement('gateway_requests', LISTED_ACCOUNTS), JSON.stringify(accountIds)));
}

export function prune(connection: SqliteConnection, before: number, limit: number): number {
  const ids = connection.all('SELECT id FROM gateway_requests WHERE at < ? ORDER BY at LIMIT ?', before, limit);
  for (const { id } of ids) connection.run('DELETE FROM gateway_requests WHERE id = ?', String(id));
  return ids.length;
}

/** The table of the request log, and what it is searched by. */
export const REQUEST_TABLE = `
  CREATE TABLE gateway_requests (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, key_id TEXT, at INTEGER NOT NULL, model TEXT,
    status INTEGER NOT NULL, code TEXT, record TEXT NOT NULL
  ) STRICT;
  CREATE INDEX gateway_requests_account ON gateway_requests (account_id, at, id);
  CREATE INDEX gateway_requests_time ON gateway_requests (at, id);
  CREATE INDEX gateway_requests_failed ON gateway_requests (at, id) WHERE status >= 400;
`;
