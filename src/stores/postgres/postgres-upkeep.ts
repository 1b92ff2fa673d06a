import { GatewayError } from '../../lib/errors.js';
import { integer } from '../row-values.js';
import { ERASED_TABLES, KEPT_TABLES, type StoreUpkeep } from '../upkeep.js';
import { ofAccountEvents } from './account-events.js';
import { LOCK } from './advisory-lock.js';
import type { PostgresConnection } from './postgres-connection.js';

/** Pruning and erasing in PostgreSQL: each step is one statement. */
export function postgresUpkeep(connection: PostgresConnection, distributed?: 'citus'): StoreUpkeep {
  const count = async (statement: string, parameters: unknown[]) =>
    integer((await connection.row(statement, parameters))?.['gone']);
  return {
    pruneEvents: (before, limit) => count(PRUNE_EVENTS, [before, limit]),
    pruneHolds: (before, limit) => count(PRUNE_HOLDS, [before, limit]),
    async eraseAccount(accountId, pseudonym) {
      // A row can't move to another node within a statement.
      if (distributed)
        throw new GatewayError('conflict', {
          message: 'A store that is distributed by account cannot erase accounts.',
        });
      return (await count(ERASE, [accountId, pseudonym])) === 0;
    },
  };
}

/** One process at a time: the others find the lock taken, and nothing to do. */
function prune(table: string, condition: string, order: string): string {
  return `WITH alone AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${LOCK}, 3) AS mine), gone AS (
      DELETE FROM ${table} t USING (
        SELECT id, account_id FROM ${table} WHERE ${condition} AND (SELECT mine FROM alone) ORDER BY ${order} LIMIT $2
      ) old WHERE t.id = old.id AND t.account_id = old.account_id RETURNING 1
    ) SELECT COUNT(*) AS gone FROM gone`;
}

const PRUNE_EVENTS = 'SELECT gateway_prune_events($1, $2) AS gone';
const PRUNE_HOLDS = prune('gateway_holds', "state <> 'open' AND expires_at < $1", 'expires_at');

/** Nothing happens while a hold is open: the count of them is the answer. */
const ERASE = `WITH busy AS MATERIALIZED (
    SELECT COUNT(*) AS holds FROM gateway_holds WHERE account_id = $1 AND state = 'open'
  ), ${[
    ...Object.entries(KEPT_TABLES).map(([table, cleared]) => {
      const changes = ['account_id = $2', ...cleared.map((column) => `${column} = NULL`)].join(', ');
      const own = table === 'gateway_events' ? ofAccountEvents('$1') : 'account_id = $1';
      return `${table}_kept AS (UPDATE ${table} SET ${changes} WHERE ${own} AND (SELECT holds FROM busy) = 0)`;
    }),
    ...ERASED_TABLES.map(
      (table) => `${table}_gone AS (DELETE FROM ${table} WHERE account_id = $1 AND (SELECT holds FROM busy) = 0)`,
    ),
    'account_gone AS (DELETE FROM gateway_accounts WHERE id = $1 AND (SELECT holds FROM busy) = 0)',
  ].join(', ')} SELECT holds AS gone FROM busy`;
