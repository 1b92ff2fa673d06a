import { checkCredit, checkGrant, checkHold, checkPromoCode, checkSettlement } from '../../meter/checks.js';
import type { Grants, Ledger, PromoCodeLedger } from '../../meter/ledger.js';
import type { FullMeter, Holds, Notices, UsageLog } from '../../meter/meter.js';
import { integer } from '../row-values.js';
import type { SqliteAccess } from './sqlite-access.js';
import type { SqliteConnection } from './sqlite-database.js';
import * as funds from './sqlite-funds.js';
import * as holds from './sqlite-holds.js';
import * as ledger from './sqlite-ledger.js';
import * as notices from './sqlite-notices.js';
import { refund } from './sqlite-refunds.js';
import * as log from './sqlite-usage-log.js';

/** A meter in SQLite: each step is a transaction, which many may share. */
export function sqliteMeter(access: SqliteAccess): FullMeter {
  return {
    ...holdsIn(access),
    ...ledgerIn(access),
    ...promoCodesIn(access),
    ...usageLogIn(access),
    ...noticesIn(access),
    audit: (accountId) => access.read((db) => funds.audit(db, accountId)),
    close: () => access.close(),
  };
}

function holdsIn(access: SqliteAccess): Holds & Pick<FullMeter, 'clock'> {
  return {
    async reserve(request) {
      checkHold(request);
      return access.write((db) => holds.reserve(db, request));
    },
    async settle(settlement) {
      checkSettlement(settlement);
      return access.write((db) => holds.settle(db, settlement));
    },
    release: (hold) => access.write((db) => holds.release(db, hold)),
    extend: (ids, expiresAt) => access.write((db) => holds.extend(db, ids, expiresAt)),
    async expire(now, { grantsExpiringMs } = {}) {
      const soon = grantsExpiringMs === undefined ? now : now + grantsExpiringMs;
      const expired = await access.writeInGroups((db, rows) => holds.expire(db, now, rows));
      // After the holds: a grant that one of them drew on ends in the same sweep.
      await access.writeInGroups((db, rows) => ledger.expireGrants(db, now, soon, rows));
      return expired;
    },
    clock() {
      const row = access.read((db) =>
        db.get("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS now"),
      );
      return integer(row?.['now']);
    },
  };
}

function ledgerIn(access: SqliteAccess): Ledger & Required<Grants> {
  return {
    balance(accountId) {
      const { balance, held } = access.read((db) => funds.accountOf(db, accountId));
      return { balance, held };
    },
    async credit(credit) {
      checkCredit(credit);
      const work = (db: SqliteConnection) => ledger.credit(db, credit);
      return credit.tx === undefined ? access.write(work) : access.writeWithin(credit.tx, work);
    },
    history: (accountId, page) => access.read((db) => ledger.history(db, accountId, page)),
    async grant(grant) {
      checkGrant(grant);
      return access.write((db) => ledger.grant(db, grant));
    },
    refund: (request) => access.write((db) => refund(db, request)),
    funds: (accountId, now) => access.read((db) => funds.funds(db, accountId, now)),
    fundsOfAll: (ids, windows, now) => access.report((on) => funds.fundsOfAll(on, ids, windows, now)),
    budgetsOf: (accountId, subjects, windows) => access.read((db) => funds.budgetsOf(db, accountId, subjects, windows)),
    budget: (accountId, subject, window) => access.read((db) => funds.budgetOf(db, accountId, subject, window)),
  };
}

function promoCodesIn(access: SqliteAccess): PromoCodeLedger {
  return {
    async createPromoCode(code) {
      checkPromoCode(code);
      return access.write((db) => ledger.createPromoCode(db, code));
    },
    listPromoCodes: (page) => access.read((db) => ledger.listPromoCodes(db, page)),
    disablePromoCode: (code, now) => access.write((db) => ledger.disablePromoCode(db, code, now)),
    redeem: (redemption) => access.write((db) => ledger.redeem(db, redemption)),
  };
}

function usageLogIn(access: SqliteAccess): UsageLog {
  return {
    usage: (query) => access.queuedReport(JSON.stringify(query), (on) => log.usage(on, query)),
    events: (range, page) => access.report((on) => log.events(on, range, page)),
    usageOfAll: (ids, from) => access.report((on) => log.usageOfAll(on, ids, from)),
  };
}

function noticesIn(access: SqliteAccess): Notices {
  return {
    addNotice: (notice) => access.write((db) => notices.addNotice(db, notice)),
    takeNotices: (now, dueAgainAt, limit) => access.write((db) => notices.takeNotices(db, now, dueAgainAt, limit)),
    endNotice: (notice) => access.write((db) => notices.endNotice(db, notice)),
    retryNotice: (notice, dueAt) => access.write((db) => notices.retryNotice(db, notice, dueAt)),
  };
}
