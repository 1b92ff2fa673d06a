import { isBusy, rollBack, type SqliteConnection } from './sqlite-database.js';

/** The most operations that run in one transaction, which bounds how long the event loop is held. */
const MAX_GROUP = 256;
const RETRY_MS = 5;

interface Job {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** When waiting for the lock becomes an error. */
  readonly giveUpAt: number;
}

/**
 * Runs writes in transactions, many in one: all that one turn of the event loop asks for shares one commit, and each
 * promise resolves after that commit. One commit costs more than the statements of one operation.
 *
 * The lock is taken before the first read (`BEGIN IMMEDIATE`), so what an operation reads stays true until it is
 * committed, also when several processes share the file. While another process holds the lock, jobs wait without
 * holding the event loop.
 */
export class GroupCommit {
  readonly #connection: SqliteConnection;
  readonly #lockTimeoutMs: number;
  #queue: Job[] = [];
  #scheduled = false;
  #idle: (() => void)[] = [];

  constructor(connection: SqliteConnection, lockTimeoutMs: number) {
    this.#connection = connection;
    this.#lockTimeoutMs = lockTimeoutMs;
  }

  /** Runs `work` in a transaction; it must be synchronous, and may run again when a neighbour fails. */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUpAt = performance.now() + this.#lockTimeoutMs;
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject, giveUpAt });
      if (!this.#scheduled) this.#schedule(0);
    });
  }

  /** Resolves when nothing is waiting. */
  async drained(): Promise<void> {
    if (this.#queue.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(delayMs: number): void {
    this.#scheduled = true;
    // Keeps the process alive: it must not end with a charge still waiting for the lock.
    if (delayMs > 0) setTimeout(() => this.#flush(), delayMs);
    else setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const group = this.#queue.slice(0, MAX_GROUP);
    try {
      this.#connection.exec('BEGIN IMMEDIATE');
    } catch (error) {
      this.#lockRefused(error);
      return;
    }
    this.#queue = this.#queue.slice(group.length);
    if (!this.#commitTogether(group)) for (const job of group) this.#commitAlone(job);
    if (this.#queue.length > 0) this.#schedule(0);
    else for (const resolve of this.#idle.splice(0)) resolve();
  }

  #lockRefused(error: unknown): void {
    const now = performance.now();
    const waits = (job: Job) => isBusy(error) && job.giveUpAt > now;
    const [waiting, late] = [this.#queue.filter(waits), this.#queue.filter((job) => !waits(job))];
    this.#queue = waiting;
    for (const job of late) job.reject(error);
    if (waiting.length > 0) this.#schedule(RETRY_MS * (0.5 + Math.random()));
    else for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** False when one of them failed: then nothing happened, and each must run alone so that only that one fails. */
  #commitTogether(group: readonly Job[]): boolean {
    const results: unknown[] = [];
    try {
      for (const job of group) results.push(job.work());
      this.#connection.exec('COMMIT');
    } catch {
      rollBack(this.#connection);
      return false;
    }
    for (const [i, job] of group.entries()) job.resolve(results[i]);
    return true;
  }

  #commitAlone(job: Job): void {
    try {
      this.#connection.exec('BEGIN IMMEDIATE');
      const result = job.work();
      this.#connection.exec('COMMIT');
      job.resolve(result);
    } catch (error) {
      rollBack(this.#connection);
      job.reject(error);
    }
  }
}
