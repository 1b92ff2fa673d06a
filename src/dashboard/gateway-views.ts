import type { Limits } from '../limits/rate-limiter.js';
import type { LedgerEntry, Outcome, UsageDimension } from '../meter/meter.js';
import type { Price } from '../meter/price.js';
import type { TokenCounts } from '../meter/usage.js';

/** A moment as the gateway's methods give it. */
export type Moment = Date;

export interface AccountScope {
  readonly accountId: string;
}

/** The most a key may spend: a decimal string of US dollars per UTC day, UTC month or in all. */
export interface Budget {
  readonly amount: string;
  readonly period: 'day' | 'month' | 'total';
}

/** What the owner of a key chooses. */
export interface KeySettings {
  readonly name?: string;
  readonly expiresAt?: Date;
  readonly models?: readonly string[];
  readonly budget?: Budget;
}

/** Null removes a value. */
export interface KeySettingsChange {
  readonly name?: string;
  readonly expiresAt?: Date | null;
  readonly models?: readonly string[] | null;
  readonly budget?: Budget | null;
}

export interface KeyView {
  readonly id: string;
  readonly name: string;
  /** `napi-ab12…wxyz`. */
  readonly hint: string;
  readonly createdAt: Moment;
  readonly lastUsedAt?: Moment | undefined;
  readonly expiresAt?: Moment | undefined;
  readonly revokedAt?: Moment | undefined;
  readonly models?: readonly string[] | undefined;
  readonly limits?: Limits | undefined;
  readonly budget?: Budget | undefined;
}

export interface AccountListing {
  readonly id: string;
  readonly plan?: string;
}

export interface AccountView {
  readonly id: string;
  readonly plan: string;
  readonly balance: string;
  readonly held: string;
}

export interface PlanView {
  readonly models: '*' | readonly string[];
  readonly limits?: Limits;
  readonly billing?: 'metered' | 'prepaid';
}

export interface Movement extends AccountScope {
  /** May be negative. */
  readonly amount: string;
  readonly idempotencyKey: string;
  readonly note?: string;
}

export interface PageQuery {
  readonly limit?: number;
  readonly before?: string;
}

export interface EntryView {
  readonly id: string;
  readonly kind: LedgerEntry['kind'];
  readonly amount: string;
  readonly balanceAfter: string;
  readonly at: Moment;
  readonly reference: string;
  readonly note?: string | undefined;
}

export interface PromoCodeSettings {
  readonly code: string;
  readonly amount: string;
  readonly maxRedemptions?: number;
  readonly expiresAt?: Date;
}

export interface PromoCodeView {
  readonly code: string;
  readonly amount: string;
  readonly maxRedemptions?: number | undefined;
  readonly expiresAt?: Moment | undefined;
  readonly createdAt: Moment;
  readonly redemptions: number;
}

export interface UsageScope {
  readonly accountId?: string;
  readonly from?: Date;
  readonly to?: Date;
}

export interface UsageRequest extends UsageScope {
  readonly groupBy: readonly UsageDimension[];
}

export interface UsageRow extends TokenCounts {
  readonly accountId?: string | undefined;
  readonly model?: string | undefined;
  readonly keyId?: string | undefined;
  readonly day?: string | undefined;
  readonly hour?: string | undefined;
  readonly requests: number;
  readonly totalTokens: number;
  readonly cost: string;
}

export interface EventView {
  readonly id: string;
  readonly keyId: string;
  readonly at: Moment;
  readonly model: string;
  readonly usage: TokenCounts;
  readonly cost: string;
  readonly outcome: Outcome;
}

export interface ModelView {
  readonly id: string;
  readonly ownedBy?: string | undefined;
  /** US dollars per million tokens. */
  readonly price: Price;
}

export interface TargetHealth {
  readonly target: string;
}
