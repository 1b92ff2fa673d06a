import pRetry from 'p-retry';
import { rest } from '../../lib/in-turns.js';
import { Turnstile } from '../../lib/turnstile.js';
import { REPORT_TIMEOUT_MS, reportTimeout } from '../report-limits.js';
import { BoundedPool, isReadOnly, type PostgresPool, type PostgresResult, PostgresTimeout } from './bounded-pool.js';
import { makeLaterIndices } from './later-indices.js';

/** A row by column name. Money is selected as text, so that no driver rounds it. */
export type PostgresRow = Readonly<Record<string, unknown>>;

/** What a statement does when it runs twice: decides whether it may be sent again when its answer was lost. */
export type Repetition = 'harmless' | 'harmful';

/** Settings of a connection. */
export interface PostgresConnectionOptions {
  /** How long a statement may take before its connection counts as dead. @default 2_000 */
  readonly statementTimeoutMs?: number;
  /** How long a report may take, its turn included. @default 10_000 */
  readonly reportTimeoutMs?: number;
}

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 20;
/** A statement that got no answer in time is sent once more, on another connection. */
const MAX_TIMEOUTS = 2;
/** Reports that run at once in a process. */
export const REPORTS_AT_ONCE = 2;
/** Rows of a long report that are read at once: they take a millisecond or less. */
const ROWS_AT_ONCE = 250;
/** A migration may fill tables from years of events, and waits for other processes that do. */
const MIGRATION_TIMEOUT_MS = 3_600_000;

/** Runs statements; creates the tables first, and sends a statement again when that is known to be safe. */
export class PostgresConnection {
  readonly #pool: BoundedPool;
  readonly #migration: readonly (() => string)[];
  readonly #limitMs: number;
  readonly reportLimitMs: number;
  readonly #reports = new Turnstile(REPORTS_AT_ONCE);
  /** How many statements of requests and of management there were; reports are not counted. */
  statements = 0;
  #migrated: Promise<void> | undefined;
  #indexed: Promise<void> | undefined;

  constructor(pool: PostgresPool, migration: readonly (() => string)[], options: PostgresConnectionOptions = {}) {
    this.#pool = new BoundedPool(pool);
    this.#migration = migration;
    this.#limitMs = options.statementTimeoutMs ?? 2_000;
    this.reportLimitMs = options.reportTimeoutMs ?? REPORT_TIMEOUT_MS;
  }

  /** Brings the schema to the newest version, once; a failed attempt is repeated by the next call. */
  migrate(): Promise<void> {
    this.#migrated ??= this.#migrate().catch((error: unknown) => {
      this.#migrated = undefined;
      throw error;
    });
    return this.#migrated;
  }

  /** The same, and waits for the indices that are made after it. */
  async migrateWhole(): Promise<void> {
    await this.migrate();
    await this.#makeIndices();
  }

  async #migrate(): Promise<void> {
    for (const statement of this.#migration)
      await this.#send('harmless', () => this.#pool.query(statement(), undefined, MIGRATION_TIMEOUT_MS));
    this.#makeIndices().catch(() => {});
  }

  #makeIndices(): Promise<void> {
    this.#indexed ??= makeLaterIndices(async (text, parameters) =>
      rowsOf(await this.#pool.query(text, parameters, MIGRATION_TIMEOUT_MS)),
    ).catch((error: unknown) => {
      this.#indexed = undefined;
      throw error;
    });
    return this.#indexed;
  }

  /** All rows of one statement; `parameters` may depend on whether an earlier attempt's answer was lost. */
  async rows(
    text: string,
    parameters: unknown[] | ((again: boolean) => unknown[]),
    repetition: Repetition = 'harmless',
  ): Promise<PostgresRow[]> {
    await this.migrate();
    this.statements += 1;
    const list = typeof parameters === 'function' ? parameters : () => parameters;
    return this.#send(repetition, async (again) => rowsOf(await this.#pool.query(text, list(again), this.#limitMs)));
  }

  /**
   * All rows of a report: it may take longer than other statements, but only some run at once, so that connections are
   * left for requests.
   *
   * @throws {GatewayError} `service_unavailable` when it takes too long, or when its turn does not come.
   */
  async reportRows(text: string, parameters: readonly unknown[]): Promise<PostgresRow[]> {
    await this.migrate();
    const giveUpAt = performance.now() + this.reportLimitMs;
    const tooLong = () => reportTimeout(this.reportLimitMs);
    await this.#reports.enter(this.reportLimitMs, tooLong);
    try {
      return await this.#send('harmless', async () => {
        const leftMs = giveUpAt - performance.now();
        if (leftMs <= 0) throw tooLong();
        return rowsOf(await this.#pool.query(text, [...parameters], leftMs));
      });
    } catch (error) {
      throw error instanceof PostgresTimeout ? tooLong() : error;
    } finally {
      this.#reports.leave();
    }
  }

  /**
   * The rows of a report of any length, in its order. They come as JSON, some hundred in one text: drivers read all values of
   * an answer without a pause, and these are read a piece at a time. So the statement selects no number above 2^53.
   *
   * @param text names the values as `($1)[n]`.
   */
  async longReportRows(text: string, values: readonly (string | number)[]): Promise<PostgresRow[]> {
    const inPieces = `SELECT json_agg(r ORDER BY n)::text FROM (SELECT row_number() OVER () - 1 AS n, r FROM (${text}) AS r) AS numbered
       GROUP BY n / ${ROWS_AT_ONCE} ORDER BY n / ${ROWS_AT_ONCE}`;
    const pieces = await this.reportRows('SELECT piece FROM gateway_report($1, $2) AS piece', [
      inPieces,
      values.map(String),
    ]);
    const rows: PostgresRow[] = [];
    for (const [i, { piece }] of pieces.entries()) {
      const began = performance.now();
      rows.push(...(JSON.parse(String(piece)) as PostgresRow[]));
      if (i < pieces.length - 1) await rest(began);
    }
    return rows;
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
    let timeouts = 0;
    return pRetry(() => attempt(again), {
      retries: ATTEMPTS - 1,
      minTimeout: FIRST_DELAY_MS,
      randomize: true,
      shouldRetry: ({ error }) => {
        const lost = isConnectionLost(error);
        again ||= lost;
        if (error instanceof PostgresTimeout && ++timeouts >= MAX_TIMEOUTS) return false;
        return isRolledBack(error) || (lost && repetition === 'harmless');
      },
    });
  }
}

/** The rows of a result, whatever driver gave it. */
export function rowsOf(result: PostgresResult): PostgresRow[] {
  return ('rows' in result ? result.rows : result) as PostgresRow[];
}

/** True when the database can't be reached: no other statement would fare better now. */
export function isUnreachable(error: unknown): boolean {
  // 53300: too many connections; 53400: a configured limit is exceeded.
  return error instanceof PostgresTimeout || isConnectionLost(error) || /^53[34]00$/.test(codeOf(error));
}

/** Serialization failure, deadlock or no writes here: the server undid the statement, and another attempt may fare better. */
function isRolledBack(error: unknown): boolean {
  const code = codeOf(error);
  return isReadOnly(error) || code === '40001' || code === '40P01';
}

/** Server shutting down or starting (57P01-57P03), connection exceptions (class 08), or no connection at all. */
function isConnectionLost(error: unknown): boolean {
  if (error instanceof PostgresTimeout) return error.waitedFor === 'answer';
  const code = codeOf(error);
  if (/^(57P0[123]|08...|ECONNRESET|ECONNREFUSED|EPIPE|ENOENT|ETIMEDOUT)$/.test(code)) return true;
  return error instanceof Error && /connection (terminated|ended|closed)|not queryable/i.test(error.message);
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
