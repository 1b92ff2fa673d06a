/** Sends one statement, outside of a transaction. */
export type RunStatement = (
  text: string,
  parameters: unknown[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: within a transaction, or by a server without it. */
const NOT_BESIDE_WRITES = new Set(['25001', '0A000']);

/** Two processes that make indices beside writes wait for each other: the server ends one of them. */
const DEADLOCK = '40P01';

/**
 * Changes an index while rows are written; where the driver or the server can't, with a lock on its table. It is left as it
 * is where another process is at it.
 */
export async function concurrently(
  run: RunStatement,
  command: 'CREATE INDEX' | 'DROP INDEX',
  index: string,
): Promise<void> {
  try {
    await orPlain(run, `${command} CONCURRENTLY ${index}`, `${command} ${index}`);
  } catch (error) {
    if ((error as { code?: unknown }).code !== DEADLOCK) throw error;
  }
}

/** Sends a statement, or the plain one where the driver or the server can't run it. */
export async function orPlain(run: RunStatement, text: string, plain: string): Promise<void> {
  try {
    await run(text, []);
  } catch (error) {
    if (!NOT_BESIDE_WRITES.has(String((error as { code?: unknown }).code))) throw error;
    await run(plain, []);
  }
}

/** A step that takes a lock which requests wait for: it is given up, without an error, where it does not have it soon. */
export function briefly(step: string): string {
  return `DO $briefly$ BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    ${step};
  EXCEPTION WHEN lock_not_available OR deadlock_detected THEN NULL;
  END $briefly$`;
}
