import type { MaybePromise } from '../lib/maybe-promise.js';

/**
 * Tells other processes that a key or account changed, so that their verified-key caches drop it.
 *
 * Delivery may fail or repeat; the cache's lifetime of at most ten seconds is the bound without it.
 */
export interface KeyEvents {
  /** Announces that everything cached of this account is stale. Never awaited by a request. */
  publish(accountId: string): MaybePromise<void>;
  /** Calls `listener` for each announcement of another process, until the returned function is called. */
  subscribe(listener: (accountId: string) => void): MaybePromise<() => MaybePromise<void>>;
  close?(): MaybePromise<void>;
}
