import { aFunction, type Check, checkGiven, positive } from '../../lib/option-checks.js';
import type { Grants, Ledger, PromoCodeLedger } from '../../meter/ledger.js';
import type { AccountAudit, Holds, Notices, UsageLog } from '../../meter/meter.js';
import { EventTable } from './event-table.js';
import { MemoryHolds } from './memory-holds.js';
import { MemoryLedger } from './memory-ledger.js';
import { MemoryNotices } from './memory-notices.js';
import { MemoryPromoCodes } from './memory-promo-codes.js';
import { MemoryUsageLog } from './memory-usage-log.js';
import { RequestMemory } from './request-memory.js';

/** The methods of a part, without their promises. */
export type AtOnce<Part> = {
  [K in keyof Part]: Part[K] extends (...args: infer A) => infer R
    ? (...args: A) => Exclude<R, Promise<unknown>>
    : Part[K];
};

/** Settings of what is kept in memory. */
export interface MemoryOptions {
  /** Milliseconds since the epoch, only used to forget old request ids. @default Date.now */
  readonly now?: () => number;
  /** How many of the newest usage events are kept, give or take a thousand. A million take some 300 MB. @default 1_000_000 */
  readonly maxEvents?: number;
}

const OPTIONS = { now: aFunction, maxEvents: positive } satisfies Record<keyof MemoryOptions, Check>;
const MAX_EVENTS = 1_000_000;

/** A meter that answers at once: no method of it returns a promise. */
export interface MemoryMeter extends AtOnce<Holds & Ledger & Grants & PromoCodeLedger & UsageLog & Notices> {
  audit(accountId: string): AccountAudit;
}

/**
 * A meter in this process's memory, for tests and for apps of one process that need no history after a restart.
 *
 * All of it is lost when the process ends. Until then sums, balances and credits are kept, and the newest `maxEvents`
 * requests. Older events are folded into the sums of their hours, and their ledger entries into one entry that counts
 * them; they can no longer be refunded. Ended request ids are remembered for at least 24 hours or a million requests,
 * whichever comes first.
 *
 * @throws {TypeError} for options that are unknown or malformed.
 */
export function memoryMeter(options: MemoryOptions = {}): MemoryMeter {
  checkGiven('memoryStore', options, OPTIONS);
  const maxEvents = options.maxEvents ?? MAX_EVENTS;
  const ended = new RequestMemory(options.now ?? Date.now);
  const table = new EventTable();
  const notices = new MemoryNotices();
  const log = new MemoryUsageLog(table, (id) => {
    const end = ended.get(id);
    return typeof end === 'number' ? end : undefined;
  });
  const ledger = new MemoryLedger(table, (id) => log.positionOf(id), notices);
  const promoCodes = new MemoryPromoCodes(ledger, (accountId) => log.hasUsed(accountId));
  const holds = new MemoryHolds(ledger, log, ended, notices);
  return {
    ...holdsOf(holds, () => log.forget(maxEvents, (accountId, first) => ledger.fold(accountId, first))),
    ...ledgerOf(ledger),
    ...promoCodesOf(promoCodes),
    usage: (query) => log.usage(query),
    events: (query, page) => log.events(query, page),
    addNotice: (notice) => notices.addNotice(notice),
    takeNotices: (now, dueAgainAt, limit) => notices.takeNotices(now, dueAgainAt, limit),
    endNotice: (notice) => notices.endNotice(notice),
    retryNotice: (notice, dueAt) => notices.retryNotice(notice, dueAt),
    audit: (accountId) => ({
      openHolds: holds.openHoldsOf(accountId),
      settled: [...ended.entries()].flatMap(([id, end]) =>
        typeof end === 'number' && end >= table.first && table.kind(end).accountId === accountId ? [id] : [],
      ),
      ...ledger.audit(accountId),
    }),
  };
}

/** @param onSettled called after each settlement, when there may be more events than are kept. */
function holdsOf(holds: MemoryHolds, onSettled: () => void): AtOnce<Holds> {
  return {
    reserve: (request) => holds.reserve(request),
    settle(settlement) {
      const result = holds.settle(settlement);
      onSettled();
      return result;
    },
    release: (hold) => holds.release(hold),
    extend: (ids, expiresAt) => holds.extend(ids, expiresAt),
    expire: (now, options) => holds.expire(now, options),
  };
}

function ledgerOf(ledger: MemoryLedger): AtOnce<Ledger & Grants> {
  return {
    balance: (accountId) => ledger.balance(accountId),
    credit: (credit) => ledger.credit(credit),
    history: (accountId, page) => ledger.history(accountId, page),
    grant: (grant) => ledger.grant(grant),
    refund: (refund) => ledger.refund(refund),
    funds: (accountId, now) => ledger.funds(accountId, now),
    budget: (accountId, subject, window) => ledger.budget(accountId, subject, window),
  };
}

function promoCodesOf(promoCodes: MemoryPromoCodes): AtOnce<PromoCodeLedger> {
  return {
    createPromoCode: (code) => promoCodes.createPromoCode(code),
    listPromoCodes: (page) => promoCodes.listPromoCodes(page),
    disablePromoCode: (code, now) => promoCodes.disablePromoCode(code, now),
    redeem: (redemption) => promoCodes.redeem(redemption),
  };
}
