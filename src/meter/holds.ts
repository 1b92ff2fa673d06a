import type { MaybePromise } from '../lib/maybe-promise.js';
import type { NanoUsd } from '../lib/money.js';
import type { Thresholds } from './notices.js';
import type { UsageEvent } from './usage-log.js';

/** Money set aside for requests that are still running. */
export interface Holds {
  /**
   * Sets money aside before a provider is called.
   *
   * Grants `amount`, or as much as the sources and budgets afford when that is at least `minimum`. It is drawn on the
   * allowances, then on grants (soonest expiry first), then on the balance; all of them and every budget are held
   * together or nothing is. Two calls never both succeed on money for one: used + held never exceeds what there is, at
   * any instant. An id that was ever used before is refused as `duplicate` and holds nothing.
   */
  reserve(request: HoldRequest): MaybePromise<HoldResult>;
  /**
   * Records what a request used and charges it, exactly once per `id`: a repetition changes nothing and returns
   * `recorded: false`. Gives the whole hold back and takes the cost in the same step, from the sources that were held.
   * Also records a request that held nothing, and one whose hold has expired: usage is never lost because a lease
   * lapsed. A released id is not charged any more.
   */
  settle(settlement: Settlement): MaybePromise<SettleResult>;
  /** Releases a hold without a charge. Does nothing when the id is unknown, settled, released or expired. */
  release(hold: HoldId): MaybePromise<void>;
  /** Moves the lease end of these open holds to `expiresAt`; those that are not open are ignored. */
  extend(holds: readonly HoldId[], expiresAt: number): MaybePromise<void>;
  /**
   * Releases every hold whose lease ended before `now`; returns how many. Also ends grants that have expired and
   * announces those that soon will. Several processes may call it at once.
   */
  expire(now: number, options?: ExpireOptions): MaybePromise<number>;
}

/** Names a hold: the gateway's request id, unique within the account. */
export interface HoldId {
  readonly accountId: string;
  readonly id: string;
}

export interface ExpireOptions {
  /** A grant that expires within this time becomes a `grant.expiring` notice, once. Undefined: none does. */
  readonly grantsExpiringMs?: number;
}

/** How a request is paid for. */
export interface PaymentTerms {
  /** True: allowances, grants and balance must cover it. False (metered): only budgets can refuse it. */
  readonly prepaid: boolean;
  /** How far below zero the balance may go (postpaid). @default 0 */
  readonly creditLimit?: NanoUsd;
  /** The allowances that match the request, drawn on before all else; each must have room for what is drawn on them. */
  readonly allowances?: readonly AllowanceWindow[];
  /** `refuse`: what the allowances do not cover is refused, not drawn on grants and balance. @default 'balance' */
  readonly overflow?: 'balance' | 'refuse';
  /** Budgets that must cover the request as well; `cost` counts as spent in each. */
  readonly budgets?: readonly BudgetWindow[];
}

/** A request for a hold. */
export interface HoldRequest extends HoldId, PaymentTerms {
  /** Null where no API key is involved. */
  readonly keyId: string | null;
  /** The most the request can cost. ≥ 0. */
  readonly amount: NanoUsd;
  /** The least that makes sense, ≤ `amount`. Equal to `amount` when the request can't be made smaller. */
  readonly minimum: NanoUsd;
  readonly now: number;
  /** When the lease ends unless it is extended. */
  readonly expiresAt: number;
  /** True: the first refusal for want of money since the last credit becomes a `balance.empty` notice. */
  readonly notifyEmpty?: boolean;
}

/** One window of a budget. Spent and held amounts are kept per account, subject and window. */
export interface BudgetWindow {
  /** `key:ID`, `account`, `endUser:VALUE`, `session:VALUE` or `tag:NAME:VALUE`. */
  readonly subject: string;
  /** `2026-11-21`, `2026-11-16/week`, `2026-11` or `total`. */
  readonly window: string;
  readonly limit: NanoUsd;
}

/**
 * A cap on what may be drawn on allowances in a stretch of time.
 *
 * The window that runs is the one that was begun last and has not ended, whatever plan began it; where none runs, the
 * one from `startsAt` to `endsAt` begins with the request.
 */
export interface AllowanceWindow {
  /** The length, and the models where it is for some: `month`, `5h`, `week:claude-opus-*`. */
  readonly id: string;
  readonly limit: NanoUsd;
  readonly startsAt: number;
  readonly endsAt: number;
}

/** What was drawn on one grant. */
export interface GrantPart {
  readonly id: string;
  readonly amount: NanoUsd;
}

/** What a hold takes from each source. The sum is what is held; on metered plans some of it is only counted. */
export interface Draw {
  readonly allowance: NanoUsd;
  /** The windows that `allowance` counts in. */
  readonly windows: readonly AllowanceWindow[];
  readonly grants: readonly GrantPart[];
  readonly balance: NanoUsd;
}

export type HoldResult =
  | { readonly ok: true; readonly held: NanoUsd }
  | HoldRefusal
  | { readonly ok: false; readonly reason: 'duplicate' };

/** Why nothing was held, and what could have been. */
export type HoldRefusal =
  | { readonly ok: false; readonly reason: 'balance'; readonly available: NanoUsd }
  | {
      readonly ok: false;
      readonly reason: 'budget';
      readonly available: NanoUsd;
      /** The budget that is too small. */
      readonly subject: string;
    }
  | {
      readonly ok: false;
      readonly reason: 'allowance';
      readonly available: NanoUsd;
      /** When the windows that are too full have ended; undefined when no allowance matches. */
      readonly resetsAt?: number;
    };

/** A usage event and how it is paid for. */
export interface Settlement extends UsageEvent, PaymentTerms {
  /** Crossings to announce. */
  readonly thresholds?: Thresholds;
}

/** `recorded` is false when the id had been settled or released before. */
export interface SettleResult {
  readonly recorded: boolean;
}
