import type { ItemStore } from '../../items/item-store.js';
import type { KeyStore } from '../../keys/key-store.js';
import { type OptionNames, unknownOptions } from '../../lib/option-names.js';
import { checkWaits } from '../../lib/timers.js';
import { checkCredit, checkGrant, checkHold, checkPromoCode, checkSettlement } from '../../meter/checks.js';
import type { FullMeter } from '../../meter/meter.js';
import type { RequestLog } from '../../requests/request-log.js';
import type { ChangeLog } from '../change-log.js';
import { REPORT_TIMEOUT_MS } from '../report-limits.js';
import { ReportQueue } from '../report-queue.js';
import { integer } from '../row-values.js';
import type { FullStore } from '../store.js';
import type { StoreUpkeep } from '../upkeep.js';
import { GroupCommit } from './group-commit.js';
import { openSchema, type Synchronous } from './schema.js';
import * as changeLog from './sqlite-change-log.js';
import { SqliteConnection, type SqliteDatabase } from './sqlite-database.js';
import * as funds from './sqlite-funds.js';
import * as holds from './sqlite-holds.js';
import * as kept from './sqlite-items.js';
import * as keys from './sqlite-key-store.js';
import * as ledger from './sqlite-ledger.js';
import * as notices from './sqlite-notices.js';
import { refund } from './sqlite-refunds.js';
import { SqliteReports } from './sqlite-reports.js';
import * as requestLog from './sqlite-request-log.js';
import * as upkeep from './sqlite-upkeep.js';
import * as log from './sqlite-usage-log.js';
import { StepSize } from './step-size.js';

/** A thousand events lie on some thousand pages: an eighth of the log that a commit copies by itself. */
const PRUNED_BETWEEN_CHECKPOINTS = 1_000;

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

const OPTIONS: OptionNames<SqliteStoreOptions> = { synchronous: true, lockTimeoutMs: true, reportTimeoutMs: true };

const EXPIRE_GROUP = 500;

/**
 * Keys and money in a SQLite file, for all processes of one machine.
 *
 * Give it a connection of its own: while another part of the app leaves a transaction open on it, writes fail. The
 * connection is switched to WAL, and the tables `gateway_…` are created on first use. The caller closes it, after
 * `close()`.
 *
 * @param database an open connection of `better-sqlite3`, `libsql`, `node:sqlite` or `bun:sqlite`.
 * @throws {TypeError} for anything but such a connection, and that names an option that is unknown or wrong.
 */
export function sqliteStore(database: SqliteDatabase, options: SqliteStoreOptions = {}): FullStore {
  if (typeof database?.prepare !== 'function')
    throw new TypeError(
      'sqliteStore needs an open database: new Database(file) of libsql, better-sqlite3 or node:sqlite',
    );
  checkOptions(options);
  const connection = new SqliteConnection(database);
  const commits = new GroupCommit(connection, options.lockTimeoutMs ?? 5_000);
  const reportTimeoutMs = options.reportTimeoutMs ?? REPORT_TIMEOUT_MS;
  const reports = new SqliteReports(database, connection, reportTimeoutMs);
  let writes = 0;
  let pruned = 0;
  const queue = new ReportQueue(1, reportTimeoutMs, () => writes);
  let open = false;

  const migrate = (): void => {
    if (open) return;
    openSchema(connection, options.synchronous ?? 'normal');
    open = true;
  };
  const read = <T>(query: (connection: SqliteConnection) => T): T => {
    migrate();
    return query(connection);
  };
  const report = <T>(query: (reports: SqliteReports) => T): T => {
    migrate();
    return query(reports);
  };
  const write = async <T>(work: (connection: SqliteConnection) => T): Promise<T> => {
    migrate();
    writes += 1;
    return commits.run(() => work(connection));
  };
  /** Runs a step in the host's own transaction, at once: a synchronous one must not end before it. */
  const within = <T, R>(tx: unknown, work: (db: SqliteConnection, input: T) => R, input: T): R => {
    migrate();
    return work(new SqliteConnection(tx as SqliteDatabase), input);
  };
  const inGroups = async (work: (db: SqliteConnection, rows: number) => number): Promise<number> => {
    const size = new StepSize();
    for (let total = 0; ; ) {
      const done = await write((db) => size.run(EXPIRE_GROUP, (rows) => work(db, rows)));
      if (done === 0) return total;
      total += done;
    }
  };
  /** A step of deleting what is from before an instant: as many rows as hold the event loop for a moment. */
  const deleting = (work: (db: SqliteConnection, before: number, rows: number) => number) => {
    const size = new StepSize();
    return (before: number, limit: number) => write((db) => size.run(limit, (rows) => work(db, before, rows)));
  };
  const pruneEvents = deleting(upkeep.pruneEvents);
  const close = () => {
    reports.end();
    return commits.drained();
  };

  const meter: FullMeter = {
    async reserve(request) {
      checkHold(request);
      return write((db) => holds.reserve(db, request));
    },
    async settle(settlement) {
      checkSettlement(settlement);
      return write((db) => holds.settle(db, settlement));
    },
    release: (hold) => write((db) => holds.release(db, hold)),
    extend: (ids, expiresAt) => write((db) => holds.extend(db, ids, expiresAt)),
    async expire(now, { grantsExpiringMs } = {}) {
      const soon = grantsExpiringMs === undefined ? now : now + grantsExpiringMs;
      const expired = await inGroups((db, rows) => holds.expire(db, now, rows));
      // After the holds: a grant that one of them drew on ends in the same sweep.
      await inGroups((db, rows) => ledger.expireGrants(db, now, soon, rows));
      return expired;
    },
    clock() {
      const row = read((db) => db.get("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS now"));
      return integer(row?.['now']);
    },
    balance(accountId) {
      const { balance, held } = read((db) => funds.accountOf(db, accountId));
      return { balance, held };
    },
    async credit(credit) {
      checkCredit(credit);
      return credit.tx === undefined
        ? write((db) => ledger.credit(db, credit))
        : within(credit.tx, ledger.credit, credit);
    },
    history: (accountId, page) => read((db) => ledger.history(db, accountId, page)),
    async grant(grant) {
      checkGrant(grant);
      return write((db) => ledger.grant(db, grant));
    },
    refund: (request) => write((db) => refund(db, request)),
    funds: (accountId, now) => read((db) => funds.funds(db, accountId, now)),
    fundsOfAll: (ids, windows, now) => report((on) => funds.fundsOfAll(on, ids, windows, now)),
    budgetsOf: (accountId, subjects, windows) => read((db) => funds.budgetsOf(db, accountId, subjects, windows)),
    budget: (accountId, subject, window) => read((db) => funds.budgetOf(db, accountId, subject, window)),
    async createPromoCode(code) {
      checkPromoCode(code);
      return write((db) => ledger.createPromoCode(db, code));
    },
    listPromoCodes: (page) => read((db) => ledger.listPromoCodes(db, page)),
    disablePromoCode: (code, now) => write((db) => ledger.disablePromoCode(db, code, now)),
    redeem: (redemption) => write((db) => ledger.redeem(db, redemption)),
    usage: (query) => report((on) => queue.run(JSON.stringify(query), () => log.usage(on, query))),
    events: (range, page) => report((on) => log.events(on, range, page)),
    usageOfAll: (ids, from) => report((on) => log.usageOfAll(on, ids, from)),
    addNotice: (notice) => write((db) => notices.addNotice(db, notice)),
    takeNotices: (now, dueAgainAt, limit) => write((db) => notices.takeNotices(db, now, dueAgainAt, limit)),
    endNotice: (notice) => write((db) => notices.endNotice(db, notice)),
    retryNotice: (notice, dueAt) => write((db) => notices.retryNotice(db, notice, dueAt)),
    audit: (accountId) => read((db) => funds.audit(db, accountId)),
    close,
  };
  const keyStore: KeyStore = {
    createKey: (key) => write((db) => keys.createKey(db, key)),
    createKeyWithin: (key, most, now) => write((db) => keys.createKeyWithin(db, key, most, now)),
    findKey: (hash) => read((db) => keys.findKey(db, hash)),
    listKeys: (accountId, page) => read((db) => keys.listKeys(db, accountId, page)),
    listSessions: (accountId, page) => read((db) => keys.listSessions(db, accountId, page)),
    pruneSessions: (expiredBefore) => write((db) => keys.pruneSessions(db, expiredBefore)),
    updateKey: (id, change, accountId) => write((db) => keys.updateKey(db, id, change, accountId)),
    touchKeys: (uses) => write((db) => keys.touchKeys(db, uses)),
    findKeyByName: (wanted) => read((db) => keys.findKeyByName(db, wanted)),
    getAccount: (id) => read((db) => keys.getAccount(db, id)),
    getAccounts: (ids) => report((on) => keys.getAccounts(on, ids)),
    async saveAccount(account) {
      return account.tx === undefined
        ? write((db) => keys.saveAccount(db, account))
        : within(account.tx, keys.saveAccount, account);
    },
    listAccounts: (query) => report((on) => keys.listAccounts(on, query)),
    close,
  };
  const requests: RequestLog = {
    append: (records) => write((db) => requestLog.append(db, records)),
    find: (id, accountId) => read((db) => requestLog.find(db, id, accountId)),
    list: (range, page) => report((on) => requestLog.list(on, range, page)),
    countFailures: (span) => report((on) => requestLog.countFailures(on, span)),
    newestOfAll: (ids) => report((on) => requestLog.newestOfAll(on, ids)),
    prune: deleting(requestLog.prune),
  };
  const items: ItemStore = {
    put: (accountId, list, expiresAt) => write((db) => kept.put(db, accountId, list, expiresAt)),
    get: (accountId, ids, now) => read((db) => kept.get(db, accountId, ids, now)),
    prune: deleting(kept.prune),
    erase: (accountId) => write((db) => kept.erase(db, accountId)),
  };
  const changes: ChangeLog = {
    append: (change) => write((db) => changeLog.append(db, change)),
    list: (range, page) => read((db) => changeLog.list(db, range, page)),
  };
  const storeUpkeep: StoreUpkeep = {
    async pruneEvents(before, limit) {
      const gone = await pruneEvents(before, limit);
      pruned += gone;
      if (pruned >= PRUNED_BETWEEN_CHECKPOINTS) {
        pruned = 0;
        await report(upkeep.checkpoint);
      }
      return gone;
    },
    pruneHolds: deleting(upkeep.pruneHolds),
    async eraseAccount(accountId, pseudonym) {
      const erased = await write((db) => upkeep.eraseAccount(db, accountId, pseudonym));
      if (erased) upkeep.emptyLog(connection);
      return erased;
    },
  };
  return { keyStore, meter, requests, items, changes, upkeep: storeUpkeep, migrate, close };
}

function checkOptions(options: SqliteStoreOptions): void {
  const [unknown] = unknownOptions(options, OPTIONS);
  if (unknown) throw new TypeError(`sqliteStore: ${unknown.name} is not an option`);
  const { synchronous = 'normal' } = options;
  if (synchronous !== 'normal' && synchronous !== 'full')
    throw new TypeError("sqliteStore: synchronous must be 'normal' or 'full'");
  checkWaits('sqliteStore', options, ['reportTimeoutMs']);
  // Zero: a write does not wait.
  if (options.lockTimeoutMs !== 0) checkWaits('sqliteStore', options, ['lockTimeoutMs']);
}
