import type { Catalog, Plan } from '../catalog/catalog.js';
import type { Account, KeyStore, ProfileChange } from '../keys/key-store.js';
import { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import { accountSubject } from '../limits/rate-limiter.js';
import type { AccountStanding } from '../meter/ledger.js';
import { accountFunds, readStandings } from './account-funds.js';
import type {
  AccountInfo,
  AccountLimit,
  AccountListQuery,
  AccountOverview,
  Accounts,
  CreateAccountOptions,
} from './accounts.js';
import type { Credits } from './credits.js';
import { type Budget, checkPlan, readBudget } from './key-settings.js';
import { invalid, isGiven, type ManagementDeps, readAccountId, readName, readOptions } from './management.js';
import { inOrderOf, readFutureTime, readIds, readLimit } from './queries.js';
import { checkSignUpCredit, giveSignUpCredit } from './sign-up-credit.js';

const CREATE: OptionNames<CreateAccountOptions> = { id: true, plan: true, grant: true };
const PROFILE: OptionNames<ProfileChange> = { displayName: true, email: true, note: true };
const PROFILE_LENGTHS = { displayName: 256, email: 320, note: 4_000 } as const;
const SUSPEND: OptionNames<{ readonly reason?: string | undefined }> = { reason: true };
const LIST: OptionNames<AccountListQuery> = { search: true, after: true, ids: true, limit: true };

/** The accounts, as the host's own code reads and changes them. */
export class AccountManagement implements Accounts {
  readonly #deps: ManagementDeps;
  readonly #credits: Pick<Credits, 'grant'>;

  constructor(deps: ManagementDeps, credits: Pick<Credits, 'grant'>) {
    this.#deps = deps;
    this.#credits = credits;
  }

  async get(id: string): Promise<AccountInfo> {
    const account = await this.#deps.keys.getAccount(readAccountId(id, 'id'));
    if (!account) throw new GatewayError('not_found', { message: 'There is no such account.' });
    return this.#describe(account);
  }

  async overview(id: string): Promise<AccountOverview> {
    const { keys, catalog, now } = this.#deps;
    readAccountId(id, 'id');
    const at = now();
    const account = (await keys.getAccount(id)) ?? { id, createdAt: at };
    const { createdAt: _createdAt, note: _note, ...info } = await this.#describe(account);
    const plan = catalog.plans.get(info.plan);
    return { ...info, billing: billingOf(plan), limits: plan?.limits ?? {} };
  }

  async create(options: CreateAccountOptions): Promise<AccountInfo> {
    const { keys, now } = this.#deps;
    const { plan, grant } = readOptions('accounts.create', options, CREATE);
    const id = readAccountId(options.id, 'id');
    if (plan !== undefined) checkPlan(plan, this.#deps);
    if (isGiven(grant)) checkSignUpCredit(grant);
    const known = await keys.getAccount(id);
    if (!known && grant?.expiresAt !== undefined) readFutureTime(grant.expiresAt, 'grant.expiresAt', now());
    const saved = await keys.saveAccount({ id, now: now(), ...(!known && plan !== undefined && { plan }) });
    if (isGiven(grant)) await giveSignUpCredit(this.#credits, id, grant);
    return this.#describe(saved);
  }

  async setBudget(id: string, budget: Budget | null): Promise<AccountInfo> {
    const accountId = readAccountId(id, 'id');
    return this.#save({ id: accountId, budget: budget === null ? null : readBudget(budget) });
  }

  async setProfile(id: string, change: ProfileChange): Promise<AccountInfo> {
    readOptions('accounts.setProfile', change, PROFILE);
    const accountId = readAccountId(id, 'id');
    const profile: Record<string, string | null> = {};
    for (const [name, most] of Object.entries(PROFILE_LENGTHS)) {
      const value = change[name as keyof ProfileChange];
      if (value !== undefined) profile[name] = value === null ? null : readName(value, name, most);
    }
    return this.#save({ id: accountId, profile });
  }

  async limits(id: string): Promise<AccountLimit[]> {
    const { keys, catalog, limiter } = this.#deps;
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
  }

  async suspend(id: string, options: { readonly reason?: string | undefined } = {}): Promise<AccountInfo> {
    const { keys, now, notifications } = this.#deps;
    const { reason } = readOptions('accounts.suspend', options, SUSPEND);
    const suspension = { at: now(), ...(reason !== undefined && { reason: readName(reason, 'reason', 500) }) };
    const account = await keys.saveAccount({ id: readAccountId(id, 'id'), suspension, now: now() });
    await notifications.add('account.suspended', account.id, { reason: reason ?? null });
    return this.#describe(account);
  }

  async resume(id: string): Promise<AccountInfo> {
    return this.#save({ id: readAccountId(id, 'id'), suspension: null });
  }

  async setPlan(id: string, plan: string): Promise<AccountInfo> {
    checkPlan(plan, this.#deps);
    return this.#save({ id: readAccountId(id, 'id'), plan });
  }

  async list(options: AccountListQuery = {}): Promise<AccountInfo[]> {
    const { keys } = this.#deps;
    const { search, after, ids, limit = 100 } = readOptions('accounts.list', options, LIST);
    if (ids !== undefined) {
      if ([search, after, options.limit].some((other) => other !== undefined))
        throw invalid('ids', 'it cannot be combined with other fields');
      return this.#describeAll(await knownOf(keys, readIds(ids, 'ids')));
    }
    const query = {
      limit: readLimit(limit),
      ...(isSearched(search) && { search: readName(search, 'search', 256) }),
      ...(isSearched(after) && { after: readName(after, 'after', 256) }),
    };
    return this.#describeAll(await keys.listAccounts(query));
  }

  async #save(change: Omit<Parameters<KeyStore['saveAccount']>[0], 'now'>): Promise<AccountInfo> {
    return this.#describe(await this.#deps.keys.saveAccount({ ...change, now: this.#deps.now() }));
  }

  async #describe(account: Account): Promise<AccountInfo> {
    const { meter, catalog, now } = this.#deps;
    const at = now();
    const [funds] = await readStandings(meter, [account], catalog.budgets, at);
    return accountInfo(account, catalog, funds ?? NOTHING, at);
  }

  async #describeAll(accounts: readonly Account[]): Promise<AccountInfo[]> {
    const { meter, catalog, now } = this.#deps;
    const at = now();
    const standings = await readStandings(meter, accounts, catalog.budgets, at);
    return accounts.flatMap((account, i) => {
      const funds = standings[i];
      return funds ? [accountInfo(account, catalog, funds, at)] : [];
    });
  }
}

const NOTHING: AccountStanding = { balance: 0n, held: 0n, grants: [], allowances: [], budgets: new Map() };

function accountInfo(account: Account, catalog: Catalog, funds: AccountStanding, at: number): AccountInfo {
  const plan = account.plan ?? catalog.defaultPlan;
  const { budget, suspension, profile } = account;
  return {
    id: account.id,
    plan,
    balance: formatUsd(funds.balance),
    held: formatUsd(funds.held),
    ...accountFunds(account, catalog.plans.get(plan), catalog.budgets, funds, at),
    budget: budget ? { amount: formatUsd(BigInt(budget.amount)), period: budget.period } : null,
    suspended: suspension ? { at: new Date(suspension.at), reason: suspension.reason ?? null } : null,
    displayName: profile?.displayName ?? null,
    email: profile?.email ?? null,
    note: profile?.note ?? null,
    createdAt: new Date(account.createdAt),
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
  return inOrderOf(ids, found);
}

function billingOf(plan: Plan | undefined): AccountOverview['billing'] {
  if (!plan?.prepaid) return 'metered';
  return plan.creditLimit > 0n ? 'postpaid' : 'prepaid';
}
