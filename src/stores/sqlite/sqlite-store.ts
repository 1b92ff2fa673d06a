import type { ItemStore } from '../../items/item-store.js';
import type { KeyStore } from '../../keys/key-store.js';
import { type Check, checkGiven, one } from '../../lib/option-checks.js';
import { waitProblem } from '../../lib/timers.js';
import type { RequestLog } from '../../requests/request-log.js';
import type { ChangeLog } from '../change-log.js';
import type { FullStore } from '../store.js';
import type { StoreUpkeep } from '../upkeep.js';
import { SqliteAccess, type SqliteStoreOptions } from './sqlite-access.js';
import * as changeLog from './sqlite-change-log.js';
import type { SqliteConnection, SqliteDatabase } from './sqlite-database.js';
import * as kept from './sqlite-items.js';
import * as keys from './sqlite-key-store.js';
import { sqliteMeter } from './sqlite-meter.js';
import * as requestLog from './sqlite-request-log.js';
import * as upkeep from './sqlite-upkeep.js';

/** A thousand events lie on some thousand pages: an eighth of the log that a commit copies by itself. */
const PRUNED_BETWEEN_CHECKPOINTS = 1_000;

const OPTIONS = {
  synchronous: one(['normal', 'full']),
  // Zero: a write does not wait.
  lockTimeoutMs: (value, path) => (value === 0 ? undefined : waitProblem(value, path)),
  reportTimeoutMs: waitProblem,
} satisfies Record<keyof SqliteStoreOptions, Check>;

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
  checkGiven('sqliteStore', options, OPTIONS);
  const access = new SqliteAccess(database, options);
  return {
    keyStore: keyStoreOf(access),
    meter: sqliteMeter(access),
    requests: requestLogOf(access),
    items: itemsOf(access),
    changes: changesOf(access),
    upkeep: upkeepOf(access),
    migrate: () => access.migrate(),
    close: () => access.close(),
  };
}

function keyStoreOf(access: SqliteAccess): KeyStore {
  return {
    createKey: (key) => access.write((db) => keys.createKey(db, key)),
    createKeyWithin: (key, most, now) => access.write((db) => keys.createKeyWithin(db, key, most, now)),
    findKey: (hash) => access.read((db) => keys.findKey(db, hash)),
    listKeys: (accountId, page) => access.read((db) => keys.listKeys(db, accountId, page)),
    getKeys: (ids, accountId) => access.report((on) => keys.getKeys(on, ids, accountId)),
    listSessions: (accountId, page) => access.read((db) => keys.listSessions(db, accountId, page)),
    pruneSessions: (expiredBefore) => access.write((db) => keys.pruneSessions(db, expiredBefore)),
    updateKey: (id, change, accountId) => access.write((db) => keys.updateKey(db, id, change, accountId)),
    touchKeys: (uses) => access.write((db) => keys.touchKeys(db, uses)),
    findKeyByName: (wanted) => access.read((db) => keys.findKeyByName(db, wanted)),
    getAccount: (id) => access.read((db) => keys.getAccount(db, id)),
    getAccounts: (ids) => access.report((on) => keys.getAccounts(on, ids)),
    async saveAccount(account) {
      const work = (db: SqliteConnection) => keys.saveAccount(db, account);
      return account.tx === undefined ? access.write(work) : access.writeWithin(account.tx, work);
    },
    listAccounts: (query) => access.report((on) => keys.listAccounts(on, query)),
    close: () => access.close(),
  };
}

function requestLogOf(access: SqliteAccess): RequestLog {
  return {
    append: (records) => access.write((db) => requestLog.append(db, records)),
    find: (id, accountId) => access.read((db) => requestLog.find(db, id, accountId)),
    list: (range, page) => access.report((on) => requestLog.list(on, range, page)),
    countFailures: (span) => access.report((on) => requestLog.countFailures(on, span)),
    newestOfAll: (ids) => access.report((on) => requestLog.newestOfAll(on, ids)),
    prune: access.deleting(requestLog.prune),
  };
}

function itemsOf(access: SqliteAccess): ItemStore {
  return {
    put: (accountId, list, expiresAt) => access.write((db) => kept.put(db, accountId, list, expiresAt)),
    get: (accountId, ids, now) => access.read((db) => kept.get(db, accountId, ids, now)),
    prune: access.deleting(kept.prune),
    erase: (accountId) => access.write((db) => kept.erase(db, accountId)),
  };
}

function changesOf(access: SqliteAccess): ChangeLog {
  return {
    append: (change) => access.write((db) => changeLog.append(db, change)),
    list: (range, page) => access.read((db) => changeLog.list(db, range, page)),
  };
}

function upkeepOf(access: SqliteAccess): StoreUpkeep {
  let pruned = 0;
  const pruneEvents = access.deleting(upkeep.pruneEvents);
  return {
    async pruneEvents(before, limit) {
      const gone = await pruneEvents(before, limit);
      pruned += gone;
      if (pruned >= PRUNED_BETWEEN_CHECKPOINTS) {
        pruned = 0;
        await access.report(upkeep.checkpoint);
      }
      return gone;
    },
    pruneHolds: access.deleting(upkeep.pruneHolds),
    async eraseAccount(accountId, pseudonym) {
      const erased = await access.write((db) => upkeep.eraseAccount(db, accountId, pseudonym));
      if (erased) access.read(upkeep.emptyLog);
      return erased;
    },
  };
}
