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
  const log = new MemoryUsageLog(table, (id) => positionOf(ended.get(id)));
  const ledger = new MemoryLedger(table, (id) => log.positionOf(id), notices);
  const promoCodes = new MemoryPromoCodes(ledger, (accountId) => log.hasUsed(accountId));
  const holds = new MemoryHolds(ledger, log, ended, notices);
  return {
    reserve: (request) => holds.reserve(request),
    settle(settlement) {
      const result = holds.settle(settlement);
      log.forget(maxEvents, (accountId, first) => ledger.fold(accountId, first));
      return result;
    },
    release: (hold) => holds.release(hold),
    extend: (ids, expiresAt) => holds.extend(ids, expiresAt),
    expire: (now, expireOptions) => holds.expire(now, expireOptions),
    balance: (accountId) => ledger.balance(accountId),
    credit: (credit) => ledger.credit(credit),
    history: (accountId, page) => ledger.history(accountId, page),
    grant: (grant) => ledger.grant(grant),
    refund: (refund) => ledger.refund(refund),
    funds: (accountId, now) => ledger.funds(accountId, now),
    budget: (accountId, subject, window) => ledger.budget(accountId, subject, window),
    createPromoCode: (code) => promoCodes.createPromoCode(code),
    listPromoCodes: (page) => promoCodes.listPromoCodes(page),
    disablePromoCode: (code, now) => promoCodes.disablePromoCode(code, now),
    redeem: (redemption) => promoCodes.redeem(redemption),
    usage: (query) => log.usage(query),
    events: (query, page) => log.events(query, page),
    addNotice: (notice) => notices.addNotice(notice),
    takeNotices: (now, dueAgainAt, limit) => notices.takeNotices(now, dueAgainAt, limit),
    endNotice: (notice) => notices.endNotice(notice),
    retryNotice: (notice, dueAt) => notices.retryNotice(notice, dueAt),
    audit: (accountId) => ({
      openHolds: holds.openHoldsOf(accountId),
      settled: settledIds(ended, table, accountId),
      ...ledger.audit(accountId),
    }),
  };
}

/** Where a request's event is kept; undefined for one that was not settled. */
function positionOf(end: ReturnType<RequestMemory['get']>): number | undefined {
  return typeof end === 'number' ? end : undefined;
}

/** Ids of the account's settled requests, as far as their events are kept. */
function settledIds(ended: RequestMemory, table: EventTable, accountId: string): string[] {
  return [...ended.entries()].flatMap(([id, end]) =>
    typeof end === 'number' && end >= table.first && table.kind(end).accountId === accountId ? [id] : [],
  );
}
