import type {
  AccountAudit,
  Balance,
  Credit,
  CreditResult,
  HoldRequest,
  HoldResult,
  LedgerEntry,
  Meter,
  Page,
  PromoCode,
  PromoCodeRecord,
  RedeemResult,
  Redemption,
  Settlement,
  SettleResult,
  UsageEvent,
  UsageQuery,
  UsageRange,
  UsageTotals,
} from '../../meter/meter.js';
import { EventTable } from './event-table.js';
import { MemoryHolds } from './memory-holds.js';
import { MemoryLedger } from './memory-ledger.js';
import { MemoryUsageLog } from './memory-usage-log.js';
import { RequestMemory } from './request-memory.js';

/** A meter that answers at once: no method of it returns a promise. */
export interface MemoryMeter extends Meter {
  reserve(request: HoldRequest): HoldResult;
  settle(settlement: Settlement): SettleResult;
  release(id: string): void;
  extend(ids: readonly string[], expiresAt: number): void;
  expire(now: number): number;
  balance(accountId: string): Balance;
  credit(credit: Credit): CreditResult;
  redeem(redemption: Redemption): RedeemResult;
  history(accountId: string, page: Page): LedgerEntry[];
  createPromoCode(code: PromoCode): boolean;
  listPromoCodes(page: Page): PromoCodeRecord[];
  usage(query: UsageQuery): UsageTotals[];
  events(query: UsageRange, page: Page): UsageEvent[];
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
  const ledger = new MemoryLedger(table);
  const log = new MemoryUsageLog(table, (id) => {
    const end = ended.get(id);
    return typeof end === 'number' ? end : undefined;
  });
  const holds = new MemoryHolds(ledger, log, ended, table);
  return {
    reserve: (request) => holds.reserve(request),
    settle: (settlement) => holds.settle(settlement),
    release: (id) => holds.release(id),
    extend: (ids, expiresAt) => holds.extend(ids, expiresAt),
    expire: (now) => holds.expire(now),
    balance: (accountId) => ledger.balance(accountId),
    credit: (credit) => ledger.credit(credit),
    redeem: (redemption) => ledger.redeem(redemption),
    history: (accountId, page) => ledger.history(accountId, page),
    createPromoCode: (code) => ledger.createPromoCode(code),
    listPromoCodes: (page) => ledger.listPromoCodes(page),
    usage: (query) => log.usage(query),
    events: (query, page) => log.events(query, page),
    audit: (accountId) => holds.audit(accountId),
  };
}
