import type { MaybePromise } from '../../lib/maybe-promise.js';
import { placeOf } from './database-place.js';
import { NoReportThread, ReportThread } from './report-thread.js';
import type { SqliteConnection, SqliteDatabase, SqliteRow, SqliteValue } from './sqlite-database.js';

/**
 * Reads that may be long: in a thread with a connection of its own, or on the store's connection where no thread can
 * be had (a database in memory, a driver or runtime that can't).
 */
export class SqliteReports {
  readonly #database: SqliteDatabase;
  readonly #connection: SqliteConnection;
  readonly #limitMs: number;
  #thread: ReportThread | 'none' | undefined;

  constructor(database: SqliteDatabase, connection: SqliteConnection, limitMs: number) {
    this.#database = database;
    this.#connection = connection;
    this.#limitMs = limitMs;
  }

  /** All rows of a statement. @throws {GatewayError} `service_unavailable` when a thread takes longer than it may. */
  rows(text: string, ...parameters: SqliteValue[]): MaybePromise<SqliteRow[]> {
    this.#thread ??= this.#threadFor();
    if (this.#thread === 'none') return this.#connection.all(text, ...parameters);
    return this.#thread.rows(text, parameters).catch((error: unknown) => {
      if (!(error instanceof NoReportThread)) throw error;
      this.#thread = 'none';
      return this.#connection.all(text, ...parameters);
    });
  }

  /** Ends the thread. */
  end(): void {
    if (this.#thread instanceof ReportThread) this.#thread.end();
  }

  #threadFor(): ReportThread | 'none' {
    const place = placeOf(this.#database);
    return place ? new ReportThread(place, this.#limitMs) : 'none';
  }
}
