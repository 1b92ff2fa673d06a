import type { Page } from '../../meter/meter.js';
import type { RequestLog, RequestRange } from '../../requests/request-log.js';
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
import { integer } from '../row-values.js';
import type { PostgresConnection } from './postgres-connection.js';

const TYPES = ['text', 'text', 'text', 'bigint', 'text', 'integer', 'text', 'text'];

/** All rows of a batch as one array per column: one statement, whatever the number. */
const INSERT = `INSERT INTO gateway_requests (${REQUEST_COLUMNS.join(', ')})
  SELECT * FROM unnest(${TYPES.map((type, i) => `$${i + 1}::${type}[]`).join(', ')}) ON CONFLICT DO NOTHING`;

/** A table of the accounts in a list. */
export const LISTED_ACCOUNTS = 'unnest($1::text[]) AS a (account_id)';

/** The request log in PostgreSQL. */
export function postgresRequestLog(connection: PostgresConnection, distributed?: 'citus'): RequestLog {
  return {
    async append(records) {
      const rows = records.map(requestValues);
      await connection.rows(
        INSERT,
        REQUEST_COLUMNS.map((_, column) => rows.map((row) => row[column])),
      );
    },
    async find(id, accountId) {
      const own = accountId === undefined ? '' : 'AND account_id = $2';
      const parameters = accountId === undefined ? [id] : [id, accountId];
      const row = await connection.row(`SELECT record FROM gateway_requests WHERE id = $1 ${own}`, parameters);
      return row && toRequest(row);
    },
    list: (range, page) => list(connection, range, page),
    async countFailures(span) {
      const { text, parameters } = failureStatement(span, (n) => `$${n}`);
      return (await connection.reportRows(text, parameters)).map(toFailureCount);
    },
    ...(!distributed && {
      newestOfAll: async (accountIds) =>
        newestOf(await connection.reportRows(newestStatement('gateway_requests', LISTED_ACCOUNTS), [[...accountIds]])),
    }),
    async prune(before, limit) {
      const row = await connection.row(
        `WITH gone AS (
           DELETE FROM gateway_requests r USING (
             SELECT account_id, id FROM gateway_requests WHERE at < $1 ORDER BY at LIMIT $2
           ) old WHERE r.account_id = old.account_id AND r.id = old.id RETURNING 1
         ) SELECT COUNT(*) AS gone FROM gone`,
        [before, limit],
      );
      return integer(row?.['gone']);
    },
  };
}

async function list(connection: PostgresConnection, range: RequestRange, page: Page): Promise<RequestRecord[]> {
  const { conditions, parameters } = requestConditions(range, (n) => `$${n}`);
  if (page.before !== undefined) {
    parameters.push(page.before);
    const own = range.accountId === undefined ? '' : 'account_id = $1 AND';
    conditions.push(`(at, id) < (SELECT at, id FROM gateway_requests WHERE ${own} id = $${parameters.length})`);
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const statement = `SELECT record FROM gateway_requests ${where} ORDER BY at DESC, id DESC LIMIT ${page.limit}`;
  return (await connection.reportRows(statement, parameters)).map(toRequest);
}

/** The table of the request log, and what it is searched by. Ids are unique by themselves; the account leads, as everywhere. */
export const REQUEST_TABLE = `
  CREATE TABLE gateway_requests (
    account_id text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, key_id text COLLATE "C", at bigint NOT NULL,
    model text COLLATE "C", status integer NOT NULL, code text COLLATE "C", record text NOT NULL,
    PRIMARY KEY (account_id, id)
  );
  CREATE INDEX gateway_requests_id ON gateway_requests (id);
  CREATE INDEX gateway_requests_account ON gateway_requests (account_id, at, id);
  CREATE INDEX gateway_requests_time ON gateway_requests (at, id);
  CREATE INDEX gateway_requests_failed ON gateway_requests (at, id) WHERE status >= 400;
`;
