import { within } from '../../lib/time-limit.js';
import { UnopenedConnections } from './unopened-connections.js';

/** The result of a query: the result object of `pg`, PGlite and Neon's pool, or the plain rows of Neon's HTTP driver. */
export type PostgresResult = { readonly rows: readonly unknown[] } | readonly unknown[];

/** Anything that runs one statement with parameters: `pg.Pool`, PGlite, Neon. */
export interface PostgresPool {
  query(text: string, parameters?: unknown[]): Promise<PostgresResult>;
}

/** What the gateway calls of postgres.js, on the `sql` function itself and on that of a transaction (`sql.begin`). */
export interface PostgresJs {
  unsafe(text: string, parameters?: never[]): PromiseLike<readonly unknown[]>;
}

/** A driver in the form that the gateway works with. @throws {TypeError} for an unknown driver. */
export function postgresPoolOf(driver: PostgresPool | PostgresJs, caller = 'postgresStore'): PostgresPool {
  const { query, unsafe } = (driver ?? {}) as Partial<PostgresPool & PostgresJs>;
  if (typeof query === 'function') return driver as PostgresPool;
  if (typeof unsafe !== 'function') {
    throw new TypeError(`${caller} needs a pool with query(text, parameters), or the sql function of postgres.js`);
  }
  const sql = driver as PostgresJs;
  return { query: async (text, parameters) => sql.unsafe(text, parameters as never[]) };
}

/** Says that PostgreSQL did not answer in time; whether the statement took effect is not known. */
export class PostgresTimeout extends Error {
  override readonly name = 'PostgresTimeout';
  /** What was waited for: a free connection, or the answer of one. */
  readonly waitedFor: 'connection' | 'answer';

  constructor(waitedFor: PostgresTimeout['waitedFor'], limitMs: number) {
    super(
      waitedFor === 'answer'
        ? `PostgreSQL did not answer within ${limitMs} ms`
        : `no connection to PostgreSQL became free within ${limitMs} ms`,
    );
    this.waitedFor = waitedFor;
  }
}

/** What `pg.Pool` and Neon's pool have beyond `query`: connections that can be taken, and closed when they are dead. */
interface ClientPool extends PostgresPool {
  connect(): Promise<PoolClient>;
  readonly totalCount: number;
  readonly idleCount: number;
}

interface PoolClient extends PostgresPool {
  /** True closes the connection instead of returning it to the pool. */
  release(destroy?: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** How long an idle connection has to say whether it takes writes when another one was found dead. */
const PROBE_MS = 500;

/**
 * Runs statements of a pool with a time limit, and takes connections out of it that don't answer.
 *
 * A connection whose other end has vanished silently (host died, NAT entry dropped, fail-over) looks busy for ever to
 * a pool of `pg`: it is closed here, and so are idle ones that turn out dead like it. So are those to a server that has become a
 * standby: they would go on refusing to write while the address leads to the new primary.
 */
export class BoundedPool {
  readonly #pool: PostgresPool;
  readonly #unopened = new UnopenedConnections();

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  /** @throws {PostgresTimeout} when it takes longer than `limitMs`; errors of the driver are passed through. */
  query(text: string, parameters: unknown[] | undefined, limitMs: number): Promise<PostgresResult> {
    if (hasClients(this.#pool)) return this.#onClient(this.#pool, text, parameters, limitMs);
    const answer = this.#pool.query(text, parameters);
    return within(Promise.resolve(answer), limitMs, () => new PostgresTimeout('answer', limitMs));
  }

  async #onClient(
    pool: ClientPool,
    text: string,
    parameters: unknown[] | undefined,
    limitMs: number,
  ): Promise<PostgresResult> {
    const client = await within(
      pool.connect(),
      limitMs,
      () => {
        this.#unopened.watch(pool, limitMs);
        return new PostgresTimeout('connection', limitMs);
      },
      (late) => late.release(),
    );
    // Between two statements the pool listens; without a listener meanwhile, a broken connection ends the process.
    client.on('error', ignore);
    let dead = true;
    try {
      const result = await within(
        client.query(text, parameters),
        limitMs,
        () => new PostgresTimeout('answer', limitMs),
      );
      dead = false;
      return result;
    } catch (error) {
      dead = !isReply(error);
      if (error instanceof PostgresTimeout || isReadOnly(error)) this.#probeIdle(pool);
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(dead);
    }
  }

  #probeIdle(pool: ClientPool): void {
    for (let i = pool.idleCount; i > 0; i--) void probe(pool);
  }
}

/** Never rejects. */
async function probe(pool: ClientPool): Promise<void> {
  try {
    const client = await pool.connect();
    client.on('error', ignore);
    const isOfUse = await within(
      client.query('SHOW transaction_read_only'),
      PROBE_MS,
      () => new PostgresTimeout('answer', PROBE_MS),
    ).then(
      (result) => JSON.stringify('rows' in result ? result.rows : result).includes('off'),
      () => false,
    );
    client.off('error', ignore);
    client.release(!isOfUse);
  } catch {
    // A pool that can't connect has nothing to probe.
  }
}

function hasClients(pool: PostgresPool): pool is ClientPool {
  const { connect, idleCount, totalCount } = pool as Partial<ClientPool>;
  return typeof connect === 'function' && typeof idleCount === 'number' && typeof totalCount === 'number';
}

/** True for an error that the server sent over a connection that goes on. */
function isReply(error: unknown): boolean {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && severity === 'ERROR' && !isReadOnly(error);
}

/** True for the refusal of a standby, or of a database that takes no writes for now: the statement has changed nothing. */
export function isReadOnly(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === '25006';
}

function ignore(): void {}
