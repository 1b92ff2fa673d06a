/** What a statement takes as parameters; every supported driver binds these. */
export type SqliteValue = string | number | bigint | null;

/**
 * A SQLite connection with the synchronous interface that better-sqlite3 made common: `better-sqlite3`, `libsql`,
 * `node:sqlite` (Node 22 and later) and `bun:sqlite` fit.
 */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
}

/** A prepared statement. It is called with `SqliteValue`s only; `never` lets the types of every driver fit. */
export interface SqliteStatement {
  run(...parameters: never[]): unknown;
  get(...parameters: never[]): unknown;
  all(...parameters: never[]): unknown[];
}

/** A statement as the store calls it. */
interface PreparedStatement {
  run(...parameters: SqliteValue[]): unknown;
  get(...parameters: SqliteValue[]): unknown;
  all(...parameters: SqliteValue[]): unknown[];
}

/** A row by column name. Integers are numbers or bigints, as the connection is set; money is selected as text. */
export type SqliteRow = Readonly<Record<string, unknown>>;

/** Runs SQL on one connection; statements are prepared once and kept. */
export class SqliteConnection {
  readonly #database: SqliteDatabase;
  readonly #statements = new Map<string, PreparedStatement>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  run(sql: string, ...parameters: SqliteValue[]): void {
    this.#statement(sql).run(...parameters);
  }

  /** The first row, if any. */
  get(sql: string, ...parameters: SqliteValue[]): SqliteRow | undefined {
    return (this.#statement(sql).get(...parameters) ?? undefined) as SqliteRow | undefined;
  }

  all(sql: string, ...parameters: SqliteValue[]): SqliteRow[] {
    return this.#statement(sql).all(...parameters) as SqliteRow[];
  }

  #statement(sql: string): PreparedStatement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql) as PreparedStatement;
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** True when another connection holds the lock: nothing was done, and the same call can succeed later. */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (typeof code === 'string' && code.startsWith('SQLITE_BUSY')) return true;
  return errcode === 5 || /database is locked/i.test(error.message);
}

/** Undoes the transaction that failed, if there is one. */
export function rollBack(connection: SqliteConnection): void {
  try {
    connection.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself (a full disk, for one), or the transaction never began.
  }
}
