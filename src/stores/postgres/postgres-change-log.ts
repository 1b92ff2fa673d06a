import type { ChangeLog } from '../change-log.js';
import { CHANGE_COLUMNS, changeStatement, changeValues, toChange } from '../change-rows.js';
import type { PostgresConnection } from './postgres-connection.js';

const INSERT = `INSERT INTO gateway_changes (${CHANGE_COLUMNS.join(', ')})
  VALUES (${CHANGE_COLUMNS.map((_, i) => `$${i + 1}`).join(', ')}) ON CONFLICT DO NOTHING`;

/** Changes by operators in PostgreSQL. A statement that is sent again after a lost connection adds nothing. */
export function postgresChangeLog(connection: PostgresConnection): ChangeLog {
  return {
    async append(change) {
      await connection.rows(INSERT, changeValues(change));
    },
    async list(range, page) {
      const { text, parameters } = changeStatement(range, page, (n) => `$${n}`);
      return (await connection.rows(text, [...parameters])).map(toChange);
    },
  };
}
