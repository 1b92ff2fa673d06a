import type { Grants, Ledger, PromoCodes } from '../../meter/ledger.js';
import type { AccountAudit, Holds, Notices, UsageLog } from '../../meter/meter.js';
import { EventTable } from './event-table.js';
import { MemoryHolds } from './memory-holds.js';
import { MemoryLedger } from './memory-ledger.js';
import { MemoryNotices } from './memory-notices.js';
import { MemoryPromoCodes } from './memory-promo-codes.js';
import { MemoryUsageLog } from './memory-usage-log.js';
import { RequestMemory } from './request-memory.js';

/** The methods of a part, without their promises. */
type AtOnce<Part> = {
  [K in keyof Part]: Part[K] extends (...args: infer A) => infer R
    ? (...args: A) => Exclude<R, Promise<unknown>>
    : Part[K];
};

/** A meter that answers at once: no method of it returns a promise. */
export interface MemoryMeter extends AtOnce<Holds & Ledger & Grants & PromoCodes & UsageLog & Notices> {
  audit(accountId: string): AccountAudit;
}

/**
 * A meter in this process's memory, for tests and for apps of one process that need no history after a restart.
 *
 * Money, events and entries are lost when the process ends; events and entries are kept until then. Ended request ids
 * are remembered for at least 24 hours or a million requests, whichever comes first.
 *
 * @param options.now milliseconds since the epoch, only used to forget old request ids. @default Date.now
 */
export function memoryMeter(options: { readonly now?: () => number } = {}): MemoryMeter {
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
    reserve: (request) => holds.reserve(request),
    settle: (settlement) => holds.settle(settlement),
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
      settled: [...ended.entries()].flatMap(([id, end]) =>
        typeof end === 'number' && table.kind(end).accountId === accountId ? [id] : [],
      ),
      ...ledger.audit(accountId),
    }),
  };
}
