import type { ProfileChange } from '../keys/key-store.js';
import type { LimitKind, Limits } from '../limits/rate-limiter.js';
import type { AccountFunds } from './account-funds.js';
import type { Budget } from './key-settings.js';
import type { Time } from './management.js';

export type { ProfileChange };

/** A customer of the host app; amounts are decimal strings in USD. */
export interface AccountInfo extends AccountFunds {
  readonly id: string;
  readonly plan: string;
  readonly balance: string;
  /** Set aside for requests that are running. */
  readonly held: string;
  /** What all its requests together may spend; null: no such budget. */
  readonly budget: Budget | null;
  /** When and why the operator suspended it; null: it is not suspended. */
  readonly suspended: { readonly at: Date; readonly reason: string | null } | null;
  readonly displayName: string | null;
  readonly email: string | null;
  /** The operator's own; no account sees it. */
  readonly note: string | null;
  readonly createdAt: Date;
}

/** A new account. */
export interface CreateAccountOptions {
  readonly id: string;
  /** For an account that is new. @default the default plan */
  readonly plan?: string | undefined;
  /** Given once per account, however often this is called. */
  readonly grant?:
    | {
        readonly amount: string | number;
        readonly expiresAt?: Time | undefined;
        readonly reason?: string | undefined;
      }
    | undefined;
}

/** An account with its models, limits and funds. */
export interface AccountOverview extends Omit<AccountInfo, 'createdAt' | 'note'> {
  readonly billing: 'metered' | 'prepaid' | 'postpaid';
  readonly limits: Limits;
}

/** The current state of a limit of an account's plan. */
export interface AccountLimit {
  readonly kind: LimitKind;
  readonly limit: number;
  /** Whole requests, tokens or places left. */
  readonly remaining: number;
  /** Milliseconds until all of it is left again; 0 for `concurrency`. */
  readonly resetMs: number;
}

/** Accounts. Every method rejects with a `GatewayError` for bad input. */
export interface Accounts {
  /** @throws {GatewayError} `not_found`. */
  get(id: string): Promise<AccountInfo>;
  /** What an account may do and spend. An unknown account is shown with the default plan and no money. */
  overview(id: string): Promise<AccountOverview>;
  /** Adds an account with its sign-up credit. One that exists keeps its plan, and its credit is given only once. */
  create(options: CreateAccountOptions): Promise<AccountInfo>;
  /** Bounds what all requests of the account may spend in a period; null removes it. */
  setBudget(id: string, budget: Budget | null): Promise<AccountInfo>;
  /** Names an account, for the operator's pages and searches. An unknown one is created. */
  setProfile(id: string, change: ProfileChange): Promise<AccountInfo>;
  /** The current limits of the account's plan, without taking anything; empty when the limiter can't be reached. */
  limits(id: string): Promise<AccountLimit[]>;
  /** Takes effect with the next request. An unknown account is created. */
  setPlan(id: string, plan: string): Promise<AccountInfo>;
  /** Refuses every request of the account with 403 `account_suspended`, from the next one on, until `resume`. */
  suspend(id: string, options?: { readonly reason?: string | undefined }): Promise<AccountInfo>;
  resume(id: string): Promise<AccountInfo>;
  /**
   * By id, ascending; `search` is part of an id, display name or e-mail address, `after` the last id of the page before. With
   * `ids` those accounts, in that order; unknown ones are left out.
   */
  list(query?: AccountListQuery): Promise<AccountInfo[]>;
}

/** Which accounts to list. */
export interface AccountListQuery {
  readonly search?: string | undefined;
  readonly after?: string | undefined;
  /** Only these, at most 1,000; can't be combined with other fields. */
  readonly ids?: readonly string[] | undefined;
  /** 1 to 1,000. @default 100 */
  readonly limit?: number | undefined;
}
