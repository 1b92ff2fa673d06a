import { CREATE_REQUEST_INDICES, REQUEST_INDICES, SHORT_MODELS } from '../request-rows.js';
import { indexAccountEvents } from './account-events.js';
import { concurrently, type RunStatement, unlessAnother } from './beside-writes.js';

/**
 * An empty log gets its indices in the migration. On a filled one that would keep all processes from logging requests until
 * they are made: there `makeLaterIndices` makes them afterwards.
 */
export const REQUEST_INDICES_STEP = `${SHORT_MODELS}
  IF NOT EXISTS (SELECT 1 FROM gateway_requests) THEN
    ${CREATE_REQUEST_INDICES}
  END IF;
`;

/** Which of the indices are missing, or were left unusable by a build that failed; none while anybody builds one. */
const WANTED = `SELECT name, to_regclass(name) IS NOT NULL AS unusable FROM unnest($1::text[]) AS wanted (name)
  WHERE NOT EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(name) AND indisvalid)
    AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index WHERE relid = to_regclass('gateway_requests'))`;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: the role may use the tables and not change them. */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Makes the indices that the migration left out, one after another and beside writes. They only make lists faster and rows
 * shorter: nothing waits for them, and what fails is tried again by the next process that starts.
 */
export async function makeLaterIndices(run: RunStatement): Promise<void> {
  try {
    await indexAccountEvents(run);
    await indexRequests(run);
  } catch (error) {
    if ((error as { code?: unknown }).code !== INSUFFICIENT_PRIVILEGE) throw error;
  }
}

async function indexRequests(run: RunStatement): Promise<void> {
  for (const { name, unusable } of await run(WANTED, [Object.keys(REQUEST_INDICES)])) {
    const definition = REQUEST_INDICES[String(name)];
    await unlessAnother(async () => {
      if (unusable === true) await concurrently(run, 'DROP INDEX', `IF EXISTS ${name}`);
      await concurrently(run, 'CREATE INDEX', `IF NOT EXISTS ${name} ON gateway_requests ${definition}`);
    });
  }
}
