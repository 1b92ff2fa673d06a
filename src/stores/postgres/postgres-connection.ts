import pRetry from 'p-retry';

/** What a query gives: the result object of `pg`, PGlite and Neon's pool, or the plain rows of Neon's HTTP driver. */
export type PostgresResult = { readonly rows: readonly unknown[] } | readonly unknown[];

/** Anything that runs one statement with parameters: `pg.Pool`, PGlite, Neon. */
export interface PostgresPool {
  query(text: string, parameters?: unknown[]): Promise<PostgresResult>;
}

/** A row by column name. Money is selected as text, so that no driver rounds it. */
export type PostgresRow = Readonly<Record<string, unknown>>;

/** What a statement does when it runs twice: decides whether it may be sent again when its answer was lost. */
export type Repetition = 'harmless' | 'harmful';

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 20;

/** Runs statements; creates the tables first, and sends a statement again when that is known to be safe. */
export class PostgresConnection {
  readonly #pool: PostgresPool;
  readonly #migration: () => string;
  #migrated: Promise<void> | undefined;

  constructor(pool: PostgresPool, migration: () => string) {
    this.#pool = pool;
    this.#migration = migration;
  }

  /** Brings the schema to the newest version, once; a failed attempt is repeated by the next call. */
  migrate(): Promise<void> {
    this.#migrated ??= this.#send('harmless', () => this.#pool.query(this.#migration())).then(
      () => {},
      (error: unknown) => {
        this.#migrated = undefined;
        throw error;
      },
    );
    return this.#migrated;
  }

  /** All rows of one statement; `parameters` may depend on whether an earlier attempt's answer was lost. */
  async rows(
    text: string,
    parameters: unknown[] | ((again: boolean) => unknown[]),
    repetition: Repetition = 'harmless',
  ): Promise<PostgresRow[]> {
    await this.migrate();
    const list = typeof parameters === 'function' ? parameters : () => parameters;
    return this.#send(repetition, async (again) => rowsOf(await this.#pool.query(text, list(again))));
  }

  /** The first row of one statement. */
  async row(
    text: string,
    parameters: unknown[] | ((again: boolean) => unknown[]),
    repetition: Repetition = 'harmless',
  ): Promise<PostgresRow | undefined> {
    return (await this.rows(text, parameters, repetition))[0];
  }

  #send<T>(repetition: Repetition, attempt: (again: boolean) => Promise<T>): Promise<T> {
    let again = false;
    return pRetry(() => attempt(again), {
      retries: ATTEMPTS - 1,
      minTimeout: FIRST_DELAY_MS,
      randomize: true,
      shouldRetry: ({ error }) => {
        const lost = isConnectionLost(error);
        again ||= lost;
        return isRolledBack(error) || (lost && repetition === 'harmless');
      },
    });
  }
}

function rowsOf(result: PostgresResult): PostgresRow[] {
  return ('rows' in result ? result.rows : result) as PostgresRow[];
}

/** True for a unique constraint that refused a row. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === '23505';
}

/** Serialization failure or deadlock: the server undid the statement, and says to try again. */
function isRolledBack(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

/** Server shutting down or starting (57P01-57P03), connection exceptions (class 08), or no connection at all. */
function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  if (/^(57P0[123]|08...|ECONNRESET|ECONNREFUSED|EPIPE|ENOENT|ETIMEDOUT)$/.test(code)) return true;
  return error instanceof Error && /connection (terminated|ended|closed)|not queryable/i.test(error.message);
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
