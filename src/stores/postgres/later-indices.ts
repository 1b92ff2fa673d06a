import { CREATE_REQUEST_INDICES, REQUEST_INDICES, SHORT_MODELS } from '../request-rows.js';

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

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: within a transaction, or by a server without it. */
const NOT_CONCURRENTLY = new Set(['25001', '0A000']);
/** The role may use the tables and not change them. */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Makes the indices that the migration left out, one after another and beside writes. They only make lists faster: nothing
 * waits for them, and what fails is tried again by the next process that starts.
 *
 * @param run sends one statement, outside of a transaction.
 */
export async function makeLaterIndices(
  run: (text: string, parameters: unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>,
): Promise<void> {
  for (const { name, unusable } of await run(WANTED, [Object.keys(REQUEST_INDICES)])) {
    const definition = REQUEST_INDICES[String(name)];
    try {
      if (unusable === true) await run(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`, []);
      await run(`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON gateway_requests ${definition}`, []);
    } catch (error) {
      const code = String((error as { code?: unknown }).code);
      if (code === INSUFFICIENT_PRIVILEGE) return;
      if (!NOT_CONCURRENTLY.has(code)) throw error;
      await run(`CREATE INDEX IF NOT EXISTS ${name} ON gateway_requests ${definition}`, []);
    }
  }
}
