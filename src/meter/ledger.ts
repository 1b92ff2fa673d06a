import type { MaybePromise } from '../lib/maybe-promise.js';
import type { NanoUsd } from '../lib/money.js';
import type { Charge, HistoryPage, Page } from './usage-log.js';

/** The movements of money: entries are only added, and a balance is their sum. */
export interface Ledger {
  /** Balance and open holds of an account; zeros for an unknown one. */
  balance(accountId: string): MaybePromise<Balance>;
  /**
   * Adds money (top-up) or corrects it (adjustment, may be negative), once per account and idempotency key: a
   * repetition with the same kind and amount returns `duplicate`, any other `conflict`. An adjustment that would make
   * `balance − held` negative is refused as `insufficient`. Creates the account's balance when it is unknown.
   */
  credit(credit: Credit): MaybePromise<CreditResult>;
  /** The entries of an account, of all sources, newest first. */
  history(accountId: string, page: HistoryPage): MaybePromise<LedgerEntry[]>;
}

/** Money of an account besides its balance, and refunds. */
export interface Grants {
  /**
   * Adds money that may expire, once per account and idempotency key; one that has expired by `now` is refused as
   * `expired`, unless it was given before. @see Ledger.credit
   */
  grant(grant: Grant): MaybePromise<GrantResult>;
  /**
   * Refunds the charge of one request, once: to its allowance windows that still run and its grants that have not expired,
   * the rest to the balance. A request that was charged to nothing has nothing to refund.
   */
  refund(refund: Refund): MaybePromise<RefundResult>;
  /** Everything that an account can draw on. */
  funds(accountId: string, now: number): MaybePromise<Funds>;
  /**
   * The same of many accounts, in their order, with what each has used of its own budget in these windows; in a few
   * statements, however many accounts. A meter without it is asked account by account.
   */
  fundsOfAll?(
    accountIds: readonly string[],
    budgetWindows: readonly string[],
    now: number,
  ): MaybePromise<readonly AccountStanding[]>;
  /** One window of a budget; zeros for an unknown one. */
  budget(accountId: string, subject: string, window: string): MaybePromise<BudgetUse>;
  /**
   * Those of an account's budgets with these subjects and windows that were used, in one statement. A meter without it is
   * asked budget by budget.
   */
  budgetsOf?(
    accountId: string,
    subjects: readonly string[],
    windows: readonly string[],
  ): MaybePromise<readonly NamedUse[]>;
}

/** Codes that give money away. */
export interface PromoCodeLedger {
  /** Adds a promo code; false when the code exists. Codes are compared exactly, as given. */
  createPromoCode(code: PromoCode): MaybePromise<boolean>;
  /** All promo codes, newest first. */
  listPromoCodes(page: Page): MaybePromise<PromoCodeRecord[]>;
  /** Disables a code for good; false when it does not exist. Money that was redeemed stays. */
  disablePromoCode(code: string, now: number): MaybePromise<boolean>;
  /** Redeems a promo code: once per account and at most `maxRedemptions` times in all, under any concurrency. */
  redeem(redemption: Redemption): MaybePromise<RedeemResult>;
}

export interface Balance {
  /** Sum of the ledger entries. */
  readonly balance: NanoUsd;
  /** Sum of what the open holds take from it. */
  readonly held: NanoUsd;
}

export interface Funds extends Balance {
  /** Grants with something left that have not expired, in the order in which they are drawn on. */
  readonly grants: readonly GrantRecord[];
  /** The allowance windows that run. */
  readonly allowances: readonly AllowanceRecord[];
}

/** What an account can draw on and what bounds it. */
export interface AccountStanding extends Funds {
  /** By window, of the budget whose subject is `account`. */
  readonly budgets: ReadonlyMap<string, BudgetUse>;
}

export interface BudgetUse {
  readonly spent: NanoUsd;
  readonly held: NanoUsd;
}

/** What was used of the budget of a subject in a window. */
export interface NamedUse extends BudgetUse {
  readonly subject: string;
  readonly window: string;
}

export interface Credit {
  readonly accountId: string;
  readonly kind: 'top_up' | 'adjustment';
  readonly amount: NanoUsd;
  /** Unique per account; a payment's id, so that a webhook delivered twice credits once. */
  readonly idempotencyKey: string;
  /** Shown in the history. */
  readonly note?: string;
  /** Allows the balance to go below zero. @default false */
  readonly allowNegative?: boolean;
  readonly now: number;
  /** True: becomes a `credit.added` notice. */
  readonly notify?: boolean;
  /** The host's own transaction to take part in; what it is depends on the store. */
  readonly tx?: unknown;
}

export type CreditResult =
  | { readonly ok: true; readonly duplicate: boolean; readonly entry: LedgerEntry }
  | { readonly ok: false; readonly reason: 'conflict' | 'insufficient' | 'too_large' };

export interface Grant {
  readonly accountId: string;
  /** > 0. */
  readonly amount: NanoUsd;
  /** The first instant at which it can't be drawn on any more. Undefined: never. */
  readonly expiresAt?: number;
  /** Shown to the account. */
  readonly reason?: string;
  /** Unique among the grants of the account. */
  readonly idempotencyKey: string;
  readonly now: number;
  /** True: becomes a `credit.added` notice. */
  readonly notify?: boolean;
}

export interface GrantRecord {
  readonly id: string;
  readonly amount: NanoUsd;
  /** What is neither used nor held. */
  readonly left: NanoUsd;
  readonly expiresAt?: number;
  readonly reason?: string;
}

export type GrantResult =
  | { readonly ok: true; readonly duplicate: boolean; readonly entry: LedgerEntry }
  | { readonly ok: false; readonly reason: 'conflict' | 'expired' };

export interface Refund {
  /** Undefined: the account is looked up by the request. */
  readonly accountId?: string;
  readonly requestId: string;
  readonly reason?: string;
  readonly now: number;
}

export type RefundResult =
  | { readonly ok: true; readonly accountId: string; readonly entries: readonly LedgerEntry[] }
  | { readonly ok: false; readonly reason: 'unknown' | 'already_refunded' | 'too_large' };

export interface PromoCode {
  readonly code: string;
  readonly amount: NanoUsd;
  /** Undefined: no limit. */
  readonly maxRedemptions?: number;
  /** The first instant at which it can't be redeemed any more. Undefined: never. */
  readonly expiresAt?: number;
  readonly createdAt: number;
  /** The money is a grant that expires this long after it was redeemed. Undefined: it is added to the balance. */
  readonly creditExpiresAfterMs?: number;
  /** The plan that the account gets; the caller sets it. */
  readonly plan?: string;
  /** True: only for accounts that have neither paid, redeemed nor used anything. */
  readonly newAccountsOnly?: boolean;
}

export interface PromoCodeRecord extends PromoCode {
  readonly redemptions: number;
  readonly disabledAt?: number;
}

export interface Redemption {
  readonly accountId: string;
  readonly code: string;
  readonly now: number;
  /** True: becomes a `credit.added` notice. */
  readonly notify?: boolean;
}

/** A code that this account has used and that is also exhausted or expired gives `already_used`. */
export type RedeemResult =
  | { readonly ok: true; readonly entry: LedgerEntry; readonly plan?: string }
  | { readonly ok: false; readonly reason: RedeemRefusal };

export type RedeemRefusal = 'unknown' | 'expired' | 'exhausted' | 'already_used' | 'disabled' | 'not_new' | 'too_large';

/** One movement of one source. */
export interface LedgerEntry {
  /** Unique within the account; larger for what came later. */
  readonly id: string;
  readonly accountId: string;
  readonly kind: 'top_up' | 'promo' | 'usage' | 'adjustment' | 'grant' | 'refund' | 'expiry';
  readonly source: Charge['source'];
  /** Of the grant. */
  readonly sourceId?: string;
  /** Positive: money in. Never zero. */
  readonly amount: NanoUsd;
  /** The account's balance after this entry; what moves other sources does not change it. */
  readonly balanceAfter: NanoUsd;
  readonly at: number;
  /** Idempotency key, promo code or request id. */
  readonly reference: string;
  readonly note?: string;
}

/** One window of an allowance. */
export interface AllowanceRecord {
  readonly id: string;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly used: NanoUsd;
  readonly held: NanoUsd;
}
