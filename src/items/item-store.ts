import type { MaybePromise } from '../lib/maybe-promise.js';

/** A text that an answer left behind for later requests of its account. */
export interface KeptItem {
  /** At most 512 characters; unique within the account. */
  readonly id: string;
  /** At most a million characters. */
  readonly value: string;
}

/** A kept text as it is read. */
export interface FoundItem {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Keeps what later requests refer to instead of sending it: items of `/responses`, and the signatures and reasoning
 * that
 * providers want back and many clients lose. Every process that may get the next request of a conversation must find
 * them.
 *
 * No money is lost with a text: its client gets an error, or the model misses its earlier reasoning. If `put` throws,
 * the texts are lost and the failure is logged; if `get` throws, requests that need a text are refused with 503.
 */
export interface ItemStore {
  /**
   * Keeps texts until `expiresAt`, and replaces those with the same id. Called once per answer that left something, at its end.
   * No more than `MAX_ACCOUNT_ITEMS` of an account are kept: those that expire first go first.
   */
  put(accountId: string, items: readonly KeptItem[], expiresAt: number): MaybePromise<void>;
  /** What is kept for the account and expires after `now`, by id. Never what another account left. */
  get(accountId: string, ids: readonly string[], now: number): MaybePromise<ReadonlyMap<string, FoundItem>>;
  /** Deletes up to `limit` texts that had expired at `now`; returns how many. 0: none is left, or the store does that by itself. */
  prune(now: number, limit: number): MaybePromise<number>;
  /** Deletes all that is kept for an account. */
  erase(accountId: string): MaybePromise<void>;
  /** Ends what the store runs by itself; a client that was passed in stays open. */
  close?(): MaybePromise<void>;
}

/** The most texts that are kept for one account. */
export const MAX_ACCOUNT_ITEMS = 4_096;
