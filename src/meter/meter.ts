import type { MaybePromise } from '../http/exchange.js';
import type { NanoUsd } from '../lib/money.js';
import type { Usage } from '../lib/usage.js';
import type { PriceSnapshot } from './price.js';

/**
 * The money and usage of all accounts: holds for running requests, an append-only ledger, and a log of usage events.
 *
 * Amounts are integer nano-USD, times are milliseconds since the epoch, both given by the caller. Every method is
 * atomic and safe to call at once from many requests and processes. A method throws only when the store can't be
 * reached or the input breaks the contract; a refusal is a value. The gateway answers 503 when `reserve` throws, and
 * keeps a settlement in its outbox until `settle` succeeds.
 */
export interface Meter extends Holds, Ledger, UsageLog {
  /** What is open and ended of one account, for the accounting oracle; not for the request path. */
  audit?(accountId: string): MaybePromise<AccountAudit>;
  /** Frees what the meter opened itself. */
  close?(): MaybePromise<void>;
}

/** Money set aside for requests that are still running. */
export interface Holds {
  /**
   * Sets money aside before a provider is called.
   *
   * Grants `amount`, or as much as account and budget afford when that is at least `minimum`. Two calls never both
   * succeed on money for one: for a prepaid account `balance − held ≥ 0` holds at every instant. Account and budget
   * are held together or not at all. An id that was ever used before is refused as `duplicate` and holds nothing.
   */
  reserve(request: HoldRequest): MaybePromise<HoldResult>;
  /**
   * Records what a request used and charges it, exactly once per `id`: a repetition changes nothing and answers
   * `recorded: false`. Gives the whole hold back and takes the cost in the same step. Also records a request that
   * held nothing, and one whose hold has expired: usage is never lost because a lease lapsed. A released id is not
   * charged any more.
   */
  settle(settlement: Settlement): MaybePromise<SettleResult>;
  /** Gives a hold back without a charge. Does nothing when the id is unknown, settled, released or expired. */
  release(id: string): MaybePromise<void>;
  /** Moves the lease end of these open holds to `expiresAt`; ids without an open hold are passed over. */
  extend(ids: readonly string[], expiresAt: number): MaybePromise<void>;
  /** Gives back every hold whose lease ended before `now`; returns how many. Several processes may call it at once. */
  expire(now: number): MaybePromise<number>;
}

/** The movements of money: entries are only added, and a balance is their sum. */
export interface Ledger {
  /** Balance and open holds of an account; zeros for an unknown one. */
  balance(accountId: string): MaybePromise<Balance>;
  /**
   * Adds money (top-up) or corrects it (adjustment, may be negative), once per account and idempotency key: a
   * repetition with the same amount answers `duplicate`, with another amount `conflict`. An adjustment that would
   * make `balance − held` negative is refused as `insufficient`. Creates the account's balance when it is unknown.
   */
  credit(credit: Credit): MaybePromise<CreditResult>;
  /** Redeems a promo code: once per account and at most `maxRedemptions` times in all, under any concurrency. */
  redeem(redemption: Redemption): MaybePromise<RedeemResult>;
  /** The entries of an account, newest first. */
  history(accountId: string, page: Page): MaybePromise<LedgerEntry[]>;
  /** Adds a promo code; false when the code exists. Codes are compared exactly, as given. */
  createPromoCode(code: PromoCode): MaybePromise<boolean>;
  /** All promo codes, newest first. */
  listPromoCodes(page: Page): MaybePromise<PromoCodeRecord[]>;
}

/** What was used. */
export interface UsageLog {
  /** Sums of usage events, grouped; the totals over all groups equal the sum of the events. */
  usage(query: UsageQuery): MaybePromise<UsageTotals[]>;
  /** Single events, newest first. */
  events(query: UsageRange, page: Page): MaybePromise<UsageEvent[]>;
}

/** A request for a hold. */
export interface HoldRequest {
  /** The gateway's request id. */
  readonly id: string;
  readonly accountId: string;
  /** Null where no API key is involved. */
  readonly keyId: string | null;
  /** True: the balance must cover the hold. False (metered): only `budgets` can refuse it. */
  readonly prepaid: boolean;
  /** The most the request can cost. ≥ 0. */
  readonly amount: NanoUsd;
  /** The least that makes sense, ≤ `amount`. Equal to `amount` when the request can't be made smaller. */
  readonly minimum: NanoUsd;
  /** Budget of the key that must cover the hold as well. */
  readonly budget?: BudgetWindow;
  readonly now: number;
  /** When the lease ends unless it is extended. */
  readonly expiresAt: number;
}

/** One window of a key's budget. Spent and held amounts are kept per key and window. */
export interface BudgetWindow {
  /** `2026-11-21`, `2026-11` or `total`. */
  readonly window: string;
  readonly limit: NanoUsd;
}

export type HoldResult =
  | { readonly ok: true; readonly held: NanoUsd }
  | { readonly ok: false; readonly reason: 'balance' | 'budget'; readonly available: NanoUsd }
  | { readonly ok: false; readonly reason: 'duplicate' };

/** How a request ended. */
export type Outcome = 'completed' | 'aborted' | 'timeout' | 'truncated' | 'error';

/**
 * What is out of the ordinary about a charge. `overrun`: the provider reported more than the request allowed;
 * `usage_suspect`: more than ten times as much. Both are charged in full.
 */
export type UsageFlag = 'overrun' | 'usage_suspect';

/**
 * How a request came in: with an API key, with a session token, from the host's own code (`fetchFor`), or with the
 * host's own session (`authenticate`).
 */
export type Via = 'key' | 'session' | 'app' | 'host';

/** One request as it is recorded: enough to derive its charge again. */
export interface UsageEvent {
  /** The gateway's request id. */
  readonly id: string;
  readonly accountId: string;
  /** Null where no API key was involved. */
  readonly keyId: string | null;
  /** @default 'key' */
  readonly via?: Via;
  /** The account's own customer, member or visitor. */
  readonly endUser?: string;
  /** One agent run, conversation or job. */
  readonly session?: string;
  /** At most 8; names and values have at most 128 characters. */
  readonly tags?: Readonly<Record<string, string>>;
  /** When it was settled. */
  readonly at: number;
  /** The model the client asked for. */
  readonly model: string;
  /** The provider's name in the gateway's options, and the model asked of it. */
  readonly provider: string;
  readonly upstreamModel: string;
  readonly usage: Usage;
  readonly price: PriceSnapshot;
  /** `costOf(usage, price)`. ≥ 0. */
  readonly cost: NanoUsd;
  readonly outcome: Outcome;
  readonly flags: readonly UsageFlag[];
}

/** A usage event with whom to charge. */
export interface Settlement extends UsageEvent {
  /** True: `cost` is taken from the balance. False (metered): it is only recorded. */
  readonly prepaid: boolean;
  /** The window of the key's budget the request was held in, if any; `cost` counts as spent there. */
  readonly budget?: BudgetWindow;
}

/** What is kept of a settlement: field by field, since a copy by rest and spread costs as much as the charge itself. */
export function usageEvent(settlement: Settlement): UsageEvent {
  const event: UsageEvent = {
    id: settlement.id,
    accountId: settlement.accountId,
    keyId: settlement.keyId,
    at: settlement.at,
    model: settlement.model,
    provider: settlement.provider,
    upstreamModel: settlement.upstreamModel,
    usage: settlement.usage,
    price: settlement.price,
    cost: settlement.cost,
    outcome: settlement.outcome,
    flags: settlement.flags,
  };
  const { via, endUser, session, tags } = settlement;
  // Most requests say no more about who asked than their key does.
  if (via === undefined && endUser === undefined && session === undefined && tags === undefined) return event;
  return {
    ...event,
    ...(via !== undefined && { via }),
    ...(endUser !== undefined && { endUser }),
    ...(session !== undefined && { session }),
    ...(tags !== undefined && { tags }),
  };
}

/** `recorded` is false when the id had been settled or released before. */
export interface SettleResult {
  readonly recorded: boolean;
}

export interface Balance {
  /** Sum of the ledger entries. */
  readonly balance: NanoUsd;
  /** Sum of the open prepaid holds. */
  readonly held: NanoUsd;
}

export interface Credit {
  readonly accountId: string;
  readonly kind: 'top_up' | 'adjustment';
  readonly amount: NanoUsd;
  /** Unique per account; a payment's id, so that a webhook delivered twice credits once. */
  readonly idempotencyKey: string;
  /** Shown in the history. */
  readonly note?: string;
  /** Takes money that is not there, too: the balance goes below zero. @default false */
  readonly allowNegative?: boolean;
  readonly now: number;
}

export type CreditResult =
  | { readonly ok: true; readonly duplicate: boolean; readonly entry: LedgerEntry }
  | { readonly ok: false; readonly reason: 'conflict' | 'insufficient' };

export interface PromoCode {
  readonly code: string;
  readonly amount: NanoUsd;
  /** Undefined: without end. */
  readonly maxRedemptions?: number;
  /** The first instant at which it can't be redeemed any more. Undefined: never. */
  readonly expiresAt?: number;
  readonly createdAt: number;
}

export interface PromoCodeRecord extends PromoCode {
  readonly redemptions: number;
}

export interface Redemption {
  readonly accountId: string;
  readonly code: string;
  readonly now: number;
}

/** A code that is both used by this account and exhausted or expired answers `already_used`. */
export type RedeemResult =
  | { readonly ok: true; readonly entry: LedgerEntry }
  | { readonly ok: false; readonly reason: 'unknown' | 'expired' | 'exhausted' | 'already_used' };

/** One movement. */
export interface LedgerEntry {
  readonly id: string;
  readonly accountId: string;
  readonly kind: 'top_up' | 'promo' | 'usage' | 'adjustment';
  /** Positive: money in. Never zero. */
  readonly amount: NanoUsd;
  /** The balance after this entry. */
  readonly balanceAfter: NanoUsd;
  readonly at: number;
  /** Idempotency key, promo code or request id. */
  readonly reference: string;
  readonly note?: string;
}

/** Newest first; `before` is the id of the last entry of the page before. */
export interface Page {
  /** 1 to 1,000. */
  readonly limit: number;
  readonly before?: string;
}

export type UsageDimension = 'account' | 'model' | 'key' | 'day' | 'hour';

export interface UsageRange {
  /** Only this account; undefined for all of them (the operator's view). */
  readonly accountId?: string;
  readonly keyId?: string;
  readonly model?: string;
  /** First instant, inclusive. */
  readonly from?: number;
  /** End, exclusive. */
  readonly to?: number;
}

export interface UsageQuery extends UsageRange {
  /** Empty: one row with the totals (none when there are no events). Rows are ordered by the group's values. */
  readonly groupBy: readonly UsageDimension[];
}

/** Sums over a group; the group's own values are set for the dimensions asked for. */
export interface UsageTotals {
  readonly accountId?: string;
  readonly model?: string;
  readonly keyId?: string;
  /** UTC: `2026-11-21`. */
  readonly day?: string;
  /** UTC: `2026-11-21T14`. */
  readonly hour?: string;
  readonly requests: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly cacheWrite1hTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly cost: NanoUsd;
}

/** What only the store knows of an account: lets a test check that nothing was lost between holds, ledger and usage. */
export interface AccountAudit {
  readonly openHolds: readonly OpenHoldRecord[];
  /** Ids of the settled requests that are still remembered. */
  readonly settled: readonly string[];
  /** All budget windows of the account's keys in which something was held or spent. */
  readonly budgets: readonly BudgetRecord[];
}

export interface OpenHoldRecord {
  readonly id: string;
  readonly accountId: string;
  readonly keyId: string | null;
  readonly prepaid: boolean;
  readonly held: NanoUsd;
  /** The budget window it is held in, if any. */
  readonly window?: string;
  readonly expiresAt: number;
}

export interface BudgetRecord {
  readonly keyId: string;
  readonly window: string;
  readonly spent: NanoUsd;
  readonly held: NanoUsd;
}
