import type { MaybePromise } from '../lib/maybe-promise.js';
import type { Limits } from '../limits/rate-limiter.js';
import type { KeyDetails, KeyDetailsChange } from './key-details.js';

/**
 * Accounts and their API keys. Stores never see a key, only its hash.
 *
 * Times are milliseconds since the epoch. Every method is atomic; a throw means that the store can't be reached, and
 * the gateway answers 503. `accountId` arguments bind a query to one account: what belongs to another is not found.
 */
export interface KeyStore {
  /** Adds a key, and its account when that is unknown. @throws when the id or the hash exists. */
  createKey(key: StoredKey): MaybePromise<void>;
  /**
   * Adds a key as `createKey` does, unless its account has `most` keys that are usable at `now` (neither revoked nor
   * expired; session tokens do not count): any number of calls at once never make more. False: it was not added.
   * Without this method the keys are counted first, and calls at the same time may pass the bound.
   */
  createKeyWithin?(key: StoredKey, most: number, now: number): MaybePromise<boolean>;
  /** The key with this hash and its account, also when revoked or expired; called on a cache miss, in one round trip. */
  findKey(hash: string): MaybePromise<KeyWithAccount | undefined>;
  /** The keys of one account, newest first, revoked ones included, session tokens left out; all of them without a page. */
  listKeys(accountId: string, page?: KeyPage): MaybePromise<KeyRecord[]>;
  /**
   * Those of some keys that the account has, session tokens included, in any order, in one statement. A store without it
   * is asked key by key.
   */
  getKeys?(ids: readonly string[], accountId: string): MaybePromise<KeyRecord[]>;
  /** The session tokens of one account, newest first, those that ended and are not forgotten included. */
  listSessions?(accountId: string, page: KeyPage): MaybePromise<KeyRecord[]>;
  /** Forgets session tokens that expired before `expiredBefore`; returns how many. */
  pruneSessions?(expiredBefore: number): MaybePromise<number>;
  /** Changes a key and returns it; undefined when it is unknown, or not of `accountId` where that is given. */
  updateKey(id: string, change: KeyChange, accountId?: string): MaybePromise<KeyRecord | undefined>;
  /** Notes when keys were last used; batched by the gateway, never awaited by a request. An earlier time never wins. */
  touchKeys(uses: readonly { readonly id: string; readonly at: number }[]): MaybePromise<void>;
  getAccount(id: string): MaybePromise<Account | undefined>;
  /** Those of many accounts that are known, in any order, in one statement. A store without it is asked account by account. */
  getAccounts?(ids: readonly string[]): MaybePromise<Account[]>;
  /** The newest key with this id or hint; a search for operators, which may be slow. */
  findKeyByName?(idOrHint: string): MaybePromise<KeyRecord | undefined>;
  /** Adds an account that is unknown, and changes what is given. */
  saveAccount(account: AccountChange): MaybePromise<Account>;
  /**
   * Accounts by id, ascending, after `after`. `search` is a plain substring of the id, or of the display name or e-mail
   * address, whose case does not matter.
   */
  listAccounts(query: AccountQuery): MaybePromise<Account[]>;
  close?(): MaybePromise<void>;
}

/** A customer of the host app. */
export interface Account {
  readonly id: string;
  /** Undefined: the gateway's default plan. */
  readonly plan?: string;
  /** When it got the plan; undefined for the plan it began with. */
  readonly planSince?: number;
  /** What all its requests together may spend. */
  readonly budget?: KeyBudget;
  /** Set while the operator has suspended it. */
  readonly suspension?: Suspension;
  readonly profile?: Profile;
  readonly createdAt: number;
}

/** How an account is named for people. */
export interface Profile {
  readonly displayName?: string;
  readonly email?: string;
  /** The operator's own; its account never sees it. */
  readonly note?: string;
}

/** A change of a profile; null removes a field, undefined leaves it. */
export interface ProfileChange {
  readonly displayName?: string | null;
  readonly email?: string | null;
  /** The operator's own; no account sees it. At most 4,000 characters. */
  readonly note?: string | null;
}

/** When and why an account was suspended. */
export interface Suspension {
  readonly at: number;
  readonly reason?: string;
}

/** A page of keys: at most `limit`, after the one with the id `before`; none when the account has no such key. */
export interface KeyPage {
  readonly limit: number;
  readonly before?: string;
}

/** What is to be saved of an account; what is undefined stays, or is not set. */
export interface AccountChange {
  readonly id: string;
  /** Another plan than before begins now. */
  readonly plan?: string;
  /** Null removes it. */
  readonly budget?: KeyBudget | null;
  /** Null ends it. */
  readonly suspension?: Suspension | null;
  /** Merged with what is there in the same step, so that of two changes at once none is lost. */
  readonly profile?: ProfileChange;
  readonly now: number;
  /** The host's own transaction to take part in; what it is depends on the store. */
  readonly tx?: unknown;
}

/** Everything that is kept of a key, except its hash. */
export interface KeyRecord {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  /** First and last characters, to recognize a key: `napi-ab12…wxyz`. */
  readonly hint: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** Narrows the models of the plan; undefined: all of them. */
  readonly models?: readonly string[];
  /** Limits of this key, on top of those of the plan. */
  readonly limits?: Limits;
  readonly budget?: KeyBudget;
  readonly details?: KeyDetails;
}

/** The most a key may spend, in integer nano-USD as a decimal string, per UTC day, week (from Monday) or month, or in all. */
export interface KeyBudget {
  readonly amount: string;
  readonly period: 'day' | 'week' | 'month' | 'total';
}

export interface StoredKey extends KeyRecord {
  /** SHA-256 (or HMAC-SHA-256 with a pepper) of the key, lower-case hex. */
  readonly hash: string;
}

export interface KeyWithAccount {
  readonly key: KeyRecord;
  readonly account: Account;
}

/** Null removes a value; undefined leaves it. `revokedAt` is set once: a later change keeps the first. */
export interface KeyChange {
  readonly name?: string;
  readonly revokedAt?: number;
  readonly expiresAt?: number | null;
  readonly models?: readonly string[] | null;
  readonly limits?: Limits | null;
  readonly budget?: KeyBudget | null;
  readonly details?: KeyDetailsChange;
}

export interface AccountQuery {
  readonly search?: string;
  readonly after?: string;
  /** 1 to 1,000. */
  readonly limit: number;
}
