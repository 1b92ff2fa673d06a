import { REPORT_TIMEOUT_MS } from '../report-limits.js';
import { ReportQueue } from '../report-queue.js';
import { GroupCommit } from './group-commit.js';
import { openSchema, type Synchronous } from './schema.js';
import { SqliteConnection, type SqliteDatabase } from './sqlite-database.js';
import { SqliteReports } from './sqlite-reports.js';
import { StepSize } from './step-size.js';

const EXPIRE_GROUP = 500;

/** How the SQLite store behaves. */
export interface SqliteStoreOptions {
  /**
   * What a commit survives. Both survive the death of the process (`kill -9`). `'full'` also survives a power cut or a
   * kernel crash, at the price of one fsync per group of writes, during which the event loop waits; with `'normal'`
   * such a crash can take the last moments of commits with it, but never leaves the file inconsistent.
   *
   * @default 'normal'
   */
  readonly synchronous?: Synchronous;
  /** How long a write waits for another process that holds the file's lock before it fails. @default 5_000 */
  readonly lockTimeoutMs?: number;
  /**
   * How long a report may take, its turn included. Reports of a file run in a thread with a connection of its own;
   * those of a database in memory, or of a driver that a bundler has built in, run on the store's connection, without
   * a limit. @default 10_000
   */
  readonly reportTimeoutMs?: number;
}

/** The ways in which the parts of the store use its database. The first use of any of them opens the schema. */
export class SqliteAccess {
  readonly #connection: SqliteConnection;
  readonly #synchronous: Synchronous;
  readonly #commits: GroupCommit;
  readonly #reports: SqliteReports;
  readonly #queue: ReportQueue;
  #writes = 0;
  #isOpen = false;

  constructor(database: SqliteDatabase, options: SqliteStoreOptions) {
    const { synchronous = 'normal', lockTimeoutMs = 5_000, reportTimeoutMs = REPORT_TIMEOUT_MS } = options;
    this.#connection = new SqliteConnection(database);
    this.#synchronous = synchronous;
    this.#commits = new GroupCommit(this.#connection, lockTimeoutMs);
    this.#reports = new SqliteReports(database, this.#connection, reportTimeoutMs);
    this.#queue = new ReportQueue(1, reportTimeoutMs, () => this.#writes);
  }

  /** Brings the schema to the newest version, once. */
  migrate(): void {
    if (this.#isOpen) return;
    openSchema(this.#connection, this.#synchronous);
    this.#isOpen = true;
  }

  /** A read that is short, on the store's own connection. */
  read<T>(query: (connection: SqliteConnection) => T): T {
    this.migrate();
    return query(this.#connection);
  }

  /** A read that may be long. */
  report<T>(query: (reports: SqliteReports) => T): T {
    this.migrate();
    return query(this.#reports);
  }

  /** A report that waits for its turn. @param question reports with the same one share an answer while they wait. */
  queuedReport<T>(question: string, query: (reports: SqliteReports) => Promise<T>): Promise<T> {
    return this.report((reports) => this.#queue.run(question, () => query(reports)));
  }

  /** A write in a transaction that it may share with others; done when that is committed. */
  async write<T>(work: (connection: SqliteConnection) => T): Promise<T> {
    this.migrate();
    this.#writes += 1;
    return this.#commits.run(() => work(this.#connection));
  }

  /** A write in the host's own transaction, at once: a synchronous one must not end before it. */
  writeWithin<T>(tx: unknown, work: (connection: SqliteConnection) => T): T {
    this.migrate();
    return work(new SqliteConnection(tx as SqliteDatabase));
  }

  /** Repeats a write on some rows at a time until it finds none; returns how many there were. */
  async writeInGroups(work: (connection: SqliteConnection, rows: number) => number): Promise<number> {
    const size = new StepSize();
    for (let total = 0; ; ) {
      const done = await this.write((db) => size.run(EXPIRE_GROUP, (rows) => work(db, rows)));
      if (done === 0) return total;
      total += done;
    }
  }

  /** Makes a step that deletes what is from before an instant: as many rows as hold the event loop for a moment. */
  deleting(
    work: (connection: SqliteConnection, before: number, rows: number) => number,
  ): (before: number, limit: number) => Promise<number> {
    const size = new StepSize();
    return (before, limit) => this.write((db) => size.run(limit, (rows) => work(db, before, rows)));
  }

  /** Ends the thread of the reports, and resolves when all writes are committed. */
  close(): Promise<void> {
    this.#reports.end();
    return this.#commits.drained();
  }
}
