import type { KeyStore } from '../../keys/key-store.js';
import { checkCredit, checkHold, checkPromoCode, checkSettlement } from '../../meter/checks.js';
import type { Meter } from '../../meter/meter.js';
import type { RequestLog } from '../../requests/request-log.js';
import type { Store } from '../store.js';
import { GroupCommit } from './group-commit.js';
import { openSchema, type Synchronous } from './schema.js';
import { SqliteConnection, type SqliteDatabase } from './sqlite-database.js';
import * as holds from './sqlite-holds.js';
import * as keys from './sqlite-key-store.js';
import * as ledger from './sqlite-ledger.js';
import * as requestLog from './sqlite-request-log.js';
import * as log from './sqlite-usage-log.js';

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
}

const EXPIRE_GROUP = 500;

/**
 * Keys and money in a SQLite file, for all processes of one machine.
 *
 * Give it a connection of its own: while another part of the app leaves a transaction open on it, writes fail. The
 * connection is switched to WAL, and the tables `gateway_…` are created on first use. The caller closes it, after
 * `close()`.
 *
 * @param database an open connection of `better-sqlite3`, `libsql`, `node:sqlite` or `bun:sqlite`.
 */
export function sqliteStore(database: SqliteDatabase, options: SqliteStoreOptions = {}): Store {
  const connection = new SqliteConnection(database);
  const commits = new GroupCommit(connection, options.lockTimeoutMs ?? 5_000);
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
  const write = async <T>(work: (connection: SqliteConnection) => T): Promise<T> => {
    migrate();
    return commits.run(() => work(connection));
  };
  const close = () => commits.drained();

  const meter: Meter = {
    async reserve(request) {
      checkHold(request);
      return write((db) => holds.reserve(db, request));
    },
    async settle(settlement) {
      checkSettlement(settlement);
      return write((db) => holds.settle(db, settlement));
    },
    release: (id) => write((db) => holds.release(db, id)),
    extend: (ids, expiresAt) => write((db) => holds.extend(db, ids, expiresAt)),
    async expire(now) {
      let total = 0;
      for (;;) {
        const expired = await write((db) => holds.expire(db, now, EXPIRE_GROUP));
        total += expired;
        if (expired < EXPIRE_GROUP) return total;
      }
    },
    balance: (accountId) => read((db) => ledger.balance(db, accountId)),
    async credit(credit) {
      checkCredit(credit);
      return write((db) => ledger.credit(db, credit));
    },
    redeem: (redemption) => write((db) => ledger.redeem(db, redemption)),
    history: (accountId, page) => read((db) => ledger.history(db, accountId, page)),
    async createPromoCode(code) {
      checkPromoCode(code);
      return write((db) => ledger.createPromoCode(db, code));
    },
    listPromoCodes: (page) => read((db) => ledger.listPromoCodes(db, page)),
    usage: (query) => read((db) => log.usage(db, query)),
    events: (range, page) => read((db) => log.events(db, range, page)),
    audit: (accountId) => read((db) => holds.audit(db, accountId)),
    close,
  };
  const keyStore: KeyStore = {
    createKey: (key) => write((db) => keys.createKey(db, key)),
    findKey: (hash) => read((db) => keys.findKey(db, hash)),
    listKeys: (accountId) => read((db) => keys.listKeys(db, accountId)),
    updateKey: (id, change, accountId) => write((db) => keys.updateKey(db, id, change, accountId)),
    touchKeys: (uses) => write((db) => keys.touchKeys(db, uses)),
    getAccount: (id) => read((db) => keys.getAccount(db, id)),
    saveAccount: (account) => write((db) => keys.saveAccount(db, account)),
    listAccounts: (query) => read((db) => keys.listAccounts(db, query)),
    close,
  };
  const requests: RequestLog = {
    append: (records) => write((db) => requestLog.append(db, records)),
    find: (id, accountId) => read((db) => requestLog.find(db, id, accountId)),
    list: (range, page) => read((db) => requestLog.list(db, range, page)),
    prune: (before, limit) => write((db) => requestLog.prune(db, before, limit)),
  };
  return { keyStore, meter, requests, migrate, close };
}
