import type { Plan } from '../catalog/catalog.js';
import type { Account, KeyStore, ProfileChange } from '../keys/key-store.js';
import { GatewayError } from '../lib/errors.js';
import { isObject } from '../lib/is-object.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import { accountSubject, type LimitKind, type Limits } from '../limits/rate-limiter.js';
import type { AccountStanding } from '../meter/ledger.js';
import { type AccountFunds, accountFunds, readStandings } from './account-funds.js';
import type { Credits } from './credits.js';
import { type Budget, readBudget } from './key-settings.js';
import {
  invalid,
  isGiven,
  type ManagementDeps,
  readAccountId,
  readAmount,
  readName,
  readOptions,
  type Time,
} from './management.js';
import { IS_PAST, readFutureTime, readIds, readLimit, readTime } from './queries.js';

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
  readonly plan?: string;
  /** Given once per account, however often this is called. */
  readonly grant?: {
    readonly amount: string | number;
    readonly expiresAt?: Time;
    readonly reason?: string;
  };
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
  suspend(id: string, options?: { readonly reason?: string }): Promise<AccountInfo>;
  resume(id: string): Promise<AccountInfo>;
  /**
   * By id, ascending; `search` is part of an id, display name or e-mail address, `after` the last id of the page before. With
   * `ids` those accounts, in that order; unknown ones are left out.
   */
  list(query?: AccountListQuery): Promise<AccountInfo[]>;
}

/** Which accounts to list. */
export interface AccountListQuery {
  readonly search?: string;
  readonly after?: string;
  /** Only these, at most 1,000; can't be combined with other fields. */
  readonly ids?: readonly string[];
  /** 1 to 1,000. @default 100 */
  readonly limit?: number;
}

const PROFILE: OptionNames<ProfileChange> = { displayName: true, email: true, note: true };
const PROFILE_LENGTHS = { displayName: 256, email: 320, note: 4_000 } as const;
const SUSPEND: OptionNames<{ readonly reason?: string }> = { reason: true };
const LIST: OptionNames<AccountListQuery> = { search: true, after: true, ids: true, limit: true };

const CREATE: OptionNames<CreateAccountOptions> = { id: true, plan: true, grant: true };
const GRANT: OptionNames<NonNullable<CreateAccountOptions['grant']>> = { amount: true, expiresAt: true, reason: true };

export function accountsOf(
  { keys, meter, catalog, limiter, now, notifications }: ManagementDeps,
  credits: Pick<Credits, 'grant'>,
): Accounts {
  async function describeAll(accounts: readonly Account[]): Promise<AccountInfo[]> {
    const at = now();
    const standings = await readStandings(meter, accounts, catalog.budgets, at);
    return accounts.flatMap((account, i) => {
      const funds = standings[i];
      return funds ? [describeOne(account, funds, at)] : [];
    });
  }

  async function describe(account: Account): Promise<AccountInfo> {
    const at = now();
    const [funds] = await readStandings(meter, [account], catalog.budgets, at);
    return describeOne(account, funds ?? NOTHING, at);
  }

  function describeOne(account: Account, funds: AccountStanding, at: number): AccountInfo {
    const plan = account.plan ?? catalog.defaultPlan;
    const { budget } = account;
    return {
      id: account.id,
      plan,
      balance: formatUsd(funds.balance),
      held: formatUsd(funds.held),
      ...accountFunds(account, catalog.plans.get(plan), catalog.budgets, funds, at),
      budget: budget ? { amount: formatUsd(BigInt(budget.amount)), period: budget.period } : null,
      suspended: account.suspension
        ? { at: new Date(account.suspension.at), reason: account.suspension.reason ?? null }
        : null,
      displayName: account.profile?.displayName ?? null,
      email: account.profile?.email ?? null,
      note: account.profile?.note ?? null,
      createdAt: new Date(account.createdAt),
    };
  }

  return {
    async get(id) {
      const account = await keys.getAccount(readAccountId(id, 'id'));
      if (!account) throw new GatewayError('not_found', { message: 'There is no such account.' });
      return describe(account);
    },

    async overview(id) {
      readAccountId(id, 'id');
      const at = now();
      const account = (await keys.getAccount(id)) ?? { id, createdAt: at };
      const { createdAt: _createdAt, note: _note, ...info } = await describe(account);
      const plan = catalog.plans.get(info.plan);
      return { ...info, billing: billingOf(plan), limits: plan?.limits ?? {} };
    },

    async create(options) {
      const { plan, grant } = readOptions('accounts.create', options, CREATE);
      const id = readAccountId(options.id, 'id');
      if (plan !== undefined && !catalog.plans.has(plan)) throw invalid('plan', `'${String(plan)}' is not a plan`);
      if (isGiven(grant)) checkSignUpGrant(grant);
      const known = await keys.getAccount(id);
      if (!known && grant?.expiresAt !== undefined) readFutureTime(grant.expiresAt, 'grant.expiresAt', now());
      const saved = await keys.saveAccount({ id, now: now(), ...(!known && plan !== undefined && { plan }) });
      if (isGiven(grant))
        await credits.grant({ ...grant, accountId: id, idempotencyKey: SIGN_UP }).catch(asSignUpError);
      return describe(saved);
    },

    async setBudget(id, budget) {
      const accountId = readAccountId(id, 'id');
      return describe(
        await keys.saveAccount({ id: accountId, budget: budget === null ? null : readBudget(budget), now: now() }),
      );
    },

    async setProfile(id, change) {
      readOptions('accounts.setProfile', change, PROFILE);
      const accountId = readAccountId(id, 'id');
      const profile: Record<string, string | null> = {};
      for (const [name, most] of Object.entries(PROFILE_LENGTHS)) {
        const value = change[name as keyof ProfileChange];
        if (value !== undefined) profile[name] = value === null ? null : readName(value, name, most);
      }
      return describe(await keys.saveAccount({ id: accountId, profile, now: now() }));
    },

    async limits(id) {
      const accountId = readAccountId(id, 'id');
      const limits = catalog.plans.get((await keys.getAccount(accountId))?.plan ?? catalog.defaultPlan)?.limits ?? {};
      if (Object.keys(limits).length === 0) return [];
      try {
        const states = await limiter.peek({
          group: accountId,
          subjects: [{ subject: accountSubject(accountId), limits }],
        });
        return states.map(({ kind, limit, remaining, resetMs }) => ({ kind, limit, remaining, resetMs }));
      } catch {
        return [];
      }
    },

    async suspend(id, options = {}) {
      const { reason } = readOptions('accounts.suspend', options, SUSPEND);
      const suspension = { at: now(), ...(reason !== undefined && { reason: readName(reason, 'reason', 500) }) };
      const account = await keys.saveAccount({ id: readAccountId(id, 'id'), suspension, now: now() });
      await notifications.add('account.suspended', account.id, { reason: reason ?? null });
      return describe(account);
    },

    async resume(id) {
      return describe(await keys.saveAccount({ id: readAccountId(id, 'id'), suspension: null, now: now() }));
    },

    async setPlan(id, plan) {
      if (!catalog.plans.has(plan)) throw invalid('plan', `'${String(plan)}' is not a plan`);
      return describe(await keys.saveAccount({ id: readAccountId(id, 'id'), plan, now: now() }));
    },

    async list(options = {}) {
      const { search, after, ids, limit = 100 } = readOptions('accounts.list', options, LIST);
      if (ids !== undefined) {
        if ([search, after, options.limit].some((other) => other !== undefined))
          throw invalid('ids', 'it cannot be combined with other fields');
        return describeAll(await knownOf(keys, readIds(ids, 'ids')));
      }
      const query = {
        limit: readLimit(limit),
        ...(isSearched(search) && { search: readName(search, 'search', 256) }),
        ...(isSearched(after) && { after: readName(after, 'after', 256) }),
      };
      return describeAll(await keys.listAccounts(query));
    },
  };
}

/** False for what a form leaves empty. */
function isSearched(text: string | null | undefined): text is string {
  return text !== undefined && text !== null && text !== '';
}

/** Those accounts that are known, in the order of the ids. */
async function knownOf(keys: KeyStore, ids: readonly string[]): Promise<Account[]> {
  if (ids.length === 0) return [];
  const found = keys.getAccounts
    ? await keys.getAccounts(ids)
    : await Promise.all(ids.map(async (id) => keys.getAccount(id)));
  const known = new Map(found.map((account) => [account?.id, account]));
  return ids.map((id) => known.get(id)).filter((account) => account !== undefined);
}

const NOTHING: AccountStanding = { balance: 0n, held: 0n, grants: [], allowances: [], budgets: new Map() };

/** The idempotency key of the credit that an account begins with. */
const SIGN_UP = 'accounts.create';

/** Refuses a sign-up credit before anything of its account is written. */
function checkSignUpGrant(grant: NonNullable<CreateAccountOptions['grant']>): void {
  if (!isObject(grant)) throw invalid('grant', 'it must be an object with an amount');
  const { amount, expiresAt, reason } = readOptions('accounts.create', grant, GRANT);
  if (readAmount(amount, 'grant.amount') <= 0n) throw invalid('grant.amount', 'it must be more than zero');
  if (expiresAt !== undefined) readTime(expiresAt, 'grant.expiresAt');
  if (reason !== undefined) readName(reason, 'grant.reason', 1_000);
}

/** A sign-up credit is given once: repeating it with another amount is a conflict. */
function asSignUpError(thrown: unknown): void {
  if (!GatewayError.isInstance(thrown)) throw thrown;
  if (thrown.param === 'expiresAt') throw invalid('grant.expiresAt', IS_PAST);
  if (thrown.code !== 'idempotency_conflict') throw thrown;
}

function billingOf(plan: Plan | undefined): AccountOverview['billing'] {
  if (!plan?.prepaid) return 'metered';
  return plan.creditLimit > 0n ? 'postpaid' : 'prepaid';
}
