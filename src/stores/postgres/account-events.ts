import { briefly, concurrently, orPlain, type RunStatement, unlessAnother } from './beside-writes.js';

/** A number for the account of an event. Short entries of one length fill their index, long ones leave half of it empty. */
export const ACCOUNT_HASH = 'hashtextextended(account_id, 0)';

/**
 * The condition that an event is of an account, by the index of its number. Two accounts may share one, so the name counts too.
 *
 * @param place a parameter or a column with the account.
 */
export function ofAccountEvents(place: string): string {
  return `${ACCOUNT_HASH} = hashtextextended(${place}, 0) AND account_id = ${place}`;
}

/** What the index holds. */
const INDEXED = `(${ACCOUNT_HASH}, at)`;

/**
 * The index of the events of an account, in place of the one by its name: at once where there are no events. On a filled table
 * `indexAccountEvents` makes it afterwards; until then the other one serves.
 */
export const ACCOUNT_EVENTS_STEP = `
  IF NOT EXISTS (SELECT 1 FROM gateway_events) THEN
    DROP INDEX gateway_events_account;
    CREATE INDEX gateway_events_of_account ON gateway_events ${INDEXED};
  END IF;
`;

const IS_OUTDATED = "SELECT 1 AS found WHERE to_regclass('gateway_events_account') IS NOT NULL";
const CREATE = `CREATE INDEX IF NOT EXISTS gateway_events_of_account ON gateway_events ${INDEXED}`;
const CREATE_EMPTY = briefly(CREATE.replace('ON ', 'ON ONLY '));

/** The partitions whose index is not part of the whole one yet, and how far it is; none while anybody makes one. */
const PARTS = `SELECT c.relname AS part, x.indexrelid IS NOT NULL AS made, COALESCE(x.indisvalid, false) AS usable
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  LEFT JOIN pg_index x ON x.indexrelid = to_regclass(c.relname || '_of_account')
  WHERE i.inhparent = 'gateway_events'::regclass
    AND NOT EXISTS (SELECT 1 FROM pg_inherits a JOIN pg_index own ON own.indexrelid = a.inhrelid
      WHERE a.inhparent = to_regclass('gateway_events_of_account') AND own.indrelid = c.oid)
    AND to_regclass('gateway_events_of_account') IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index p JOIN pg_inherits o ON o.inhrelid = p.relid
      WHERE o.inhparent = i.inhparent)`;

const DROP_OLD = briefly(`IF EXISTS (SELECT 1 FROM pg_index
    WHERE indexrelid = to_regclass('gateway_events_of_account') AND indisvalid) THEN
    DROP INDEX IF EXISTS gateway_events_account;
  END IF`);
/** An unusable part would make the whole unusable. */
const attach = (name: string) =>
  briefly(`IF EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('${name}') AND indisvalid) THEN
    ALTER INDEX gateway_events_of_account ATTACH PARTITION ${name};
  END IF`);
const ATTEMPTS = 5;

/**
 * Makes the index of a filled table, one partition after another and beside writes, and drops the old one when it is whole. Each
 * step finds what an earlier attempt has done; a part that a process died over is unusable, and made again. What would keep
 * requests waiting for a lock is left to the next attempt, and after some to the next process that starts.
 */
export async function indexAccountEvents(run: RunStatement): Promise<void> {
  for (let i = 0; i < ATTEMPTS && (await run(IS_OUTDATED, [])).length > 0; i++) await unlessAnother(() => attempt(run));
}

async function attempt(run: RunStatement): Promise<void> {
  await orPlain(run, CREATE_EMPTY, CREATE);
  for (const { part, made, usable } of await run(PARTS, [])) {
    const name = `${part}_of_account`;
    if (made === true && usable !== true) await concurrently(run, 'DROP INDEX', `IF EXISTS ${name}`);
    if (usable !== true) await concurrently(run, 'CREATE INDEX', `IF NOT EXISTS ${name} ON ${part} ${INDEXED}`);
    await run(attach(name), []);
  }
  await run(DROP_OLD, []);
}
