import type { MaybePromise } from '../lib/maybe-promise.js';

/**
 * Pruning and erasing: keeps a store from growing forever, and lets an account be forgotten. Times are milliseconds since
 * the epoch.
 */
export interface StoreUpkeep {
  /**
   * Deletes up to `limit` of the oldest usage events before this instant, which is the start of a UTC day, or more where
   * that is cheaper; sums and ledger stay. Returns how many were deleted; 0: none is left, or another process prunes.
   */
  pruneEvents(before: number, limit: number): MaybePromise<number>;
  /** Deletes up to `limit` holds that were released or have expired, whose lease ended before this instant; 0: none is left. */
  pruneHolds(before: number, limit: number): MaybePromise<number>;
  /**
   * Forgets an account: its keys, logged requests, kept items, notices and names are deleted, and what remains (ledger, events, sums) goes
   * to `pseudonym`, in one step. False while it has open holds; then nothing has changed.
   */
  eraseAccount(accountId: string, pseudonym: string): MaybePromise<boolean>;
}

/** Tables whose rows go to the pseudonym, with the columns that are cleared. */
export const KEPT_TABLES: Readonly<Record<string, readonly string[]>> = {
  gateway_balances: [],
  gateway_entries: ['note'],
  gateway_events: ['end_user', 'session', 'tags'],
  gateway_allowances: [],
  gateway_grants: ['reason'],
  gateway_changes: ['subject', 'details'],
  gateway_usage: [],
  gateway_usage_units: [],
};

/** Tables whose rows of the account are deleted. Keys come before their account. */
export const ERASED_TABLES = [
  'gateway_holds',
  'gateway_usage_dimensions',
  'gateway_usage_dimension_units',
  'gateway_budgets',
  'gateway_notices',
  'gateway_requests',
  'gateway_items',
  'gateway_keys',
];
