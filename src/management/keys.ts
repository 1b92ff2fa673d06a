import type { Duration } from '../lib/duration.js';
import type { OptionNames } from '../lib/option-names.js';
import type { Limits } from '../limits/rate-limiter.js';
import type { Budget } from './key-settings.js';
import { type PageOptions, readAccountId, readOptions, type Time } from './management.js';

export interface CreateKeyOptions {
  /** An unknown account is created, on the default plan. */
  readonly accountId: string;
  readonly name: string;
  /** In the future. @default never */
  readonly expiresAt?: Time | undefined;
  /** Narrows the plan's models. @default all of them */
  readonly models?: readonly string[] | undefined;
  /** On top of the plan's limits. */
  readonly limits?: Limits | undefined;
  readonly budget?: Budget | undefined;
  /** The host's own notes: at most 16, names and values of at most 256 characters. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Addresses and CIDR ranges that it may be used from, by the host framework's own `req.ip`. @default any */
  readonly allowIps?: readonly string[] | undefined;
  /** Paths of the routes that it may call: `chat/completions`. @default all of them */
  readonly routes?: readonly string[] | undefined;
  /** True: its account can't change the budget. @default false */
  readonly lockedBudget?: boolean | undefined;
}

/** Settings of a key that can be changed; null removes one. */
export interface UpdateKeyOptions {
  readonly name?: string | undefined;
  /** In the future; `keys.revoke` ends a key now. */
  readonly expiresAt?: Time | null | undefined;
  readonly models?: readonly string[] | null | undefined;
  readonly limits?: Limits | null | undefined;
  readonly budget?: Budget | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly allowIps?: readonly string[] | null | undefined;
  readonly routes?: readonly string[] | null | undefined;
  readonly lockedBudget?: boolean | undefined;
}

/** A key as it can be read after its creation: without its secret. */
export interface KeyInfo {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  /** First and last characters: `napi-ab12…wxyz`. */
  readonly hint: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly models: readonly string[] | null;
  readonly limits: Limits | null;
  readonly budget: { readonly amount: string; readonly period: Budget['period'] } | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly allowIps: readonly string[] | null;
  readonly routes: readonly string[] | null;
  readonly lockedBudget: boolean;
  readonly disabledAt: Date | null;
  /** The first key of a rotation, under which the budget of all of them is counted; null for that one itself. */
  readonly rootId: string | null;
}

/** Binds a call to one account: another account's key is not found. */
export interface KeyScope {
  readonly accountId?: string;
}

const SCOPE: OptionNames<KeyScope> = { accountId: true };

/** Which of an account's keys are listed. */
export interface KeyListOptions extends PageOptions {
  /** These keys alone, at most 1,000, in that order; unknown ones are left out. Not combined with a page. */
  readonly ids?: readonly string[] | undefined;
}

/** How a key is rotated. */
export interface RotateOptions extends KeyScope {
  /** How long the old key still works: `'24h'`, or milliseconds. @default 0: not at all */
  readonly overlap?: Duration | undefined;
}

/** API keys of accounts. Every method rejects with a `GatewayError` for bad input. */
export interface Keys {
  /** Creates a key. The plaintext `key` is returned only here; the gateway keeps a hash. */
  create(options: CreateKeyOptions): Promise<{ key: string; record: KeyInfo }>;
  /** Newest first, revoked ones included; all of them without a page. With `ids` those keys, in that order. */
  list(accountId: string, options?: KeyListOptions): Promise<KeyInfo[]>;
  /** One key, session tokens left out. @throws {GatewayError} `not_found`. */
  get(id: string, scope?: KeyScope): Promise<KeyInfo>;
  /** The key with this id or hint, of any account; for operators. @throws {GatewayError} `not_found`. */
  find(idOrHint: string): Promise<KeyInfo>;
  /**
   * Makes a new key with the same name and settings, which shares the old one's budget; the old one expires after
   * `overlap`.
   *
   * @throws {GatewayError} `not_found`, or `conflict` for a key that can't be used any more.
   */
  rotate(id: string, options?: RotateOptions): Promise<{ key: string; record: KeyInfo }>;
  /** Refuses the key until it is enabled again. @throws {GatewayError} `not_found`. */
  disable(id: string, scope?: KeyScope): Promise<KeyInfo>;
  enable(id: string, scope?: KeyScope): Promise<KeyInfo>;
  /** @throws {GatewayError} `not_found`. */
  update(id: string, change: UpdateKeyOptions, scope?: KeyScope): Promise<KeyInfo>;
  /** Takes effect with the next request. Revoking again keeps the first time. @throws {GatewayError} `not_found`. */
  revoke(id: string, scope?: KeyScope): Promise<KeyInfo>;
}

/** The account that a change is bound to. An `accountId` that is given but undefined must not open every account. */
export function readScope(method: string, scope: KeyScope = {}): string | undefined {
  readOptions(method, scope, SCOPE);
  return 'accountId' in scope ? readAccountId(scope.accountId) : undefined;
}
