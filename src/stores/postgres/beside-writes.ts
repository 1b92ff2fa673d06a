/** Sends one statement, outside of a transaction. */
export type RunStatement = (
  text: string,
  parameters: unknown[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: within a transaction, or by a server without it. */
const NOT_BESIDE_WRITES = new Set(['25001', '0A000']);

/** What the server says of an index that another process has just made, dropped or put into the whole one, or that both wait for. */
const ANOTHER_IS_AT_IT = new Set(['40P01', '42P07', '23505', '42704', '2BP01']);

/** Runs a step, and leaves it where another process is at the same. */
export async function unlessAnother(step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    // Changes of the same row of a catalog have no code of their own.
    const isRace = ANOTHER_IS_AT_IT.has(String(code)) || /^tuple concurrently/.test(String(message));
    if (!isRace) throw error;
  }
}

/** Changes an index while rows are written; where the driver or the server can't, with a lock on its table. */
export function concurrently(run: RunStatement, command: 'CREATE INDEX' | 'DROP INDEX', index: string): Promise<void> {
  return orPlain(run, `${command} CONCURRENTLY ${index}`, `${command} ${index}`);
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
