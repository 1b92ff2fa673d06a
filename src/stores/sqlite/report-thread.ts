import { Worker } from 'node:worker_threads';
import { rest } from '../../lib/in-turns.js';
import { within } from '../../lib/time-limit.js';
import { unrefTimer } from '../../lib/timers.js';
import { Turnstile } from '../../lib/turnstile.js';
import { reportTimeout } from '../report-limits.js';
import type { DatabasePlace } from './database-place.js';
import { REPORT_WORKER } from './report-worker.js';
import type { SqliteRow, SqliteValue } from './sqlite-database.js';

/** The most rows that are received at once. */
const CHUNK_ROWS = 250;
/** The thread ends after this time without a report. */
const IDLE_MS = 30_000;

interface Reply {
  /** JSON of a list of rows. */
  readonly rows: string;
  readonly more: boolean;
  readonly error?: { readonly message: string; readonly code: unknown };
}

/** Says that there is no thread: workers are not allowed, or it can't open the file (an encrypted one, for example). */
export class NoReportThread extends Error {
  override readonly name = 'NoReportThread';
}

/**
 * Runs reports one after another in a thread with a connection of its own, so that no report holds the event loop.
 *
 * The thread is started by the first report and ends when none has come for a while. A statement can't be interrupted, and
 * a thread that is terminated inside a native driver can take the process with it: after a statement that takes too long
 * the thread ends by itself, and the next report waits for that.
 */
export class ReportThread {
  readonly #place: DatabasePlace;
  readonly #limitMs: number;
  readonly #turns = new Turnstile(1);
  #worker: Promise<Worker> | undefined;
  #ending: Promise<unknown> = Promise.resolve();
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(place: DatabasePlace, limitMs: number) {
    this.#place = place;
    this.#limitMs = limitMs;
  }

  /**
   * All rows of a statement.
   *
   * @throws {GatewayError} `service_unavailable` when it takes longer than the limit, its turn included.
   * @throws {NoReportThread} when it can't be run here at all.
   */
  async rows(text: string, parameters: readonly SqliteValue[]): Promise<SqliteRow[]> {
    const tooLong = () => reportTimeout(this.#limitMs);
    const giveUpAt = performance.now() + this.#limitMs;
    await this.#turns.enter(this.#limitMs, tooLong);
    clearTimeout(this.#idle);
    try {
      return await within(this.#read(text, parameters), giveUpAt - performance.now(), () => {
        this.end();
        return tooLong();
      });
    } finally {
      this.#turns.leave();
      this.#idle = unrefTimer(setTimeout(() => this.end(), IDLE_MS));
    }
  }

  /** Ends the thread after the statement that it runs, if any; another report starts it again. */
  end(): void {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker) this.#ending = Promise.all([this.#ending, worker.then(ended)]).catch(() => {});
  }

  async #read(text: string, parameters: readonly SqliteValue[]): Promise<SqliteRow[]> {
    const worker = await this.#started();
    const all: SqliteRow[] = [];
    for (let message: object = { text, parameters }; ; message = {}) {
      const { rows, more } = await ask(worker, message);
      const began = performance.now();
      all.push(...(JSON.parse(rows) as SqliteRow[]));
      if (!more) return all;
      await rest(began);
    }
  }

  #started(): Promise<Worker> {
    if (this.#worker) return this.#worker;
    const worker = this.#ending.then(() => start(this.#place));
    this.#worker = worker;
    const gone = () => {
      if (this.#worker === worker) this.#worker = undefined;
    };
    worker.then((running) => running.once('exit', gone), gone);
    return worker;
  }
}

async function start(place: DatabasePlace): Promise<Worker> {
  try {
    const worker = new Worker(REPORT_WORKER, {
      eval: true,
      execArgv: [],
      name: 'gateway-reports',
      workerData: { ...place, chunkRows: CHUNK_ROWS },
    });
    worker.unref();
    // A running report sees the error that ends the thread; between two reports nobody listens.
    worker.on('error', () => {});
    await ask(worker);
    return worker;
  } catch (cause) {
    throw new NoReportThread('reports have no thread of their own', { cause });
  }
}

/** Asks a thread to end, and resolves when it has. */
function ended(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    if (worker.threadId === -1) return resolve();
    worker.once('exit', () => resolve());
    worker.postMessage({ end: true });
  });
}

/** Sends a message, if any, and waits for the next reply. */
function ask(worker: Worker, message?: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const done = () => {
      worker.off('message', replied);
      worker.off('error', failed);
      worker.off('exit', exited);
    };
    const failed = (error: unknown) => {
      done();
      reject(error);
    };
    const exited = () => failed(new Error('the thread of the reports has ended'));
    const replied = (reply: Reply) => {
      done();
      if (reply.error) reject(Object.assign(new Error(reply.error.message), { code: reply.error.code }));
      else resolve(reply);
    };
    worker.on('message', replied);
    worker.on('error', failed);
    worker.on('exit', exited);
    if (message) worker.postMessage(message);
  });
}
