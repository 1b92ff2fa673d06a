import type { MaybePromise } from '../lib/maybe-promise.js';
import type { Page } from '../meter/meter.js';

/** What an operator did: a plan set, an account suspended, a key revoked. */
export interface ChangeRecord {
  /** Chosen by the gateway. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Who did it, by the host's own id. */
  readonly operator: string;
  /** What was done: `account.plan`, `key.revoke`, … */
  readonly action: string;
  /** The account that it was done to; undefined for what belongs to none, such as a promo code. */
  readonly accountId?: string;
  /** The key, request or code that it was done to. */
  readonly subject?: string;
  /** The values that were set. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Where changes by operators are kept, for good. A throw means that the store can't be reached. */
export interface ChangeLog {
  append(change: ChangeRecord): MaybePromise<void>;
  /** Those of an account, or all of them; newest first. */
  list(range: { readonly accountId?: string }, page: Page): MaybePromise<ChangeRecord[]>;
}
