import type { MaybePromise } from '../lib/maybe-promise.js';
import type { NanoUsd } from '../lib/money.js';
import type { AllowanceWindow, GrantPart, Holds } from './holds.js';
import type { AllowanceRecord, Grants, Ledger, PromoCodeLedger } from './ledger.js';
import type { Notices } from './notices.js';
import type { UsageLog } from './usage-log.js';

export type * from './holds.js';
export type * from './ledger.js';
export type * from './notices.js';
export type * from './usage-log.js';

/**
 * The money and usage of all accounts: holds for running requests, an append-only ledger, and a log of usage events.
 *
 * Amounts are integer nano-USD, times are milliseconds since the epoch, both given by the caller. Every method is
 * atomic and safe to call at once from many requests and processes, and names the account it works on, so that a store
 * can be spread by account. A method throws only when the store can't be reached or the input breaks the contract; a
 * refusal is a value. The gateway answers 503 when `reserve` throws, and keeps a settlement in its outbox until `settle`
 * succeeds.
 *
 * `Holds`, `Ledger` and `UsageLog` are needed in any case; the other parts by those who use what they are for.
 */
export interface Meter extends Holds, Ledger, UsageLog, Partial<Grants>, Partial<PromoCodeLedger>, Partial<Notices> {
  /** What is open and ended of one account, for the accounting oracle; not for the request path. */
  audit?(accountId: string): MaybePromise<AccountAudit>;
  /**
   * The store's own clock, in milliseconds since the epoch: it decides the leases of all processes, so that a process whose
   * clock is ahead ends none of another's. Unset: the caller's clock is the only one.
   */
  clock?(): MaybePromise<number>;
  /** Frees what the meter opened itself. */
  close?(): MaybePromise<void>;
}

/** A meter with all its parts, as the stores of this package have them. */
export interface FullMeter extends Holds, Ledger, UsageLog, Grants, PromoCodeLedger, Notices {
  audit(accountId: string): MaybePromise<AccountAudit>;
  clock?(): MaybePromise<number>;
  close?(): MaybePromise<void>;
}

/** What only the store knows of an account: lets a test check that nothing was lost between holds, ledger and usage. */
export interface AccountAudit {
  readonly openHolds: readonly OpenHoldRecord[];
  /** Ids of the settled requests that are still remembered. */
  readonly settled: readonly string[];
  /** All budget windows of the account in which something was held or spent. */
  readonly budgets: readonly BudgetRecord[];
  /** All allowance windows of the account, ended ones included. */
  readonly allowances: readonly AllowanceRecord[];
  /** All grants of the account, spent and expired ones included. */
  readonly grants: readonly GrantAudit[];
}

/** An open hold and what it is made of. `held` is the sum of its parts, and on metered plans what is only counted. */
export interface OpenHoldRecord {
  readonly id: string;
  readonly accountId: string;
  readonly held: NanoUsd;
  readonly allowance: NanoUsd;
  readonly windows: readonly AllowanceWindow[];
  readonly grants: readonly GrantPart[];
  readonly balance: NanoUsd;
  readonly budgets: readonly { readonly subject: string; readonly window: string }[];
  readonly expiresAt: number;
}

/** One window of a budget. */
export interface BudgetRecord {
  readonly subject: string;
  readonly window: string;
  readonly spent: NanoUsd;
  readonly held: NanoUsd;
}

/** A grant with its history: `amount = used + left`, except for what expired. */
export interface GrantAudit {
  readonly id: string;
  readonly left: NanoUsd;
  readonly held: NanoUsd;
}
