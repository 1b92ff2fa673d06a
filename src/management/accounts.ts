import type { Account } from '../keys/key-store.js';
import { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { Limits } from '../limits/rate-limiter.js';
import { invalid, type ManagementDeps, readLimit, readName } from './management.js';

/** A customer of the host app; amounts are decimal strings in USD. */
export interface AccountInfo {
  readonly id: string;
  readonly plan: string;
  readonly balance: string;
  /** Set aside for requests that are running. */
  readonly held: string;
  readonly createdAt: Date;
}

/** An account with what its plan means. */
export interface AccountOverview extends Omit<AccountInfo, 'createdAt'> {
  readonly billing: 'metered' | 'prepaid';
  readonly limits: Limits;
}

/** Accounts. Every method rejects with a `GatewayError` for bad input. */
export interface Accounts {
  /** @throws {GatewayError} `not_found`. */
  get(id: string): Promise<AccountInfo>;
  /** What an account may do and spend; an unknown one has the default plan and no money. */
  overview(id: string): Promise<AccountOverview>;
  /** Takes effect with the next request. An unknown account is created. */
  setPlan(id: string, plan: string): Promise<AccountInfo>;
  /** By id, ascending; `search` is part of an id, `after` the last id of the page before. */
  list(query?: { readonly search?: string; readonly after?: string; readonly limit?: number }): Promise<AccountInfo[]>;
}

export function accountsOf({ keys, meter, catalog, now }: ManagementDeps): Accounts {
  async function describe(account: Account): Promise<AccountInfo> {
    const { balance, held } = await meter.balance(account.id);
    return {
      id: account.id,
      plan: account.plan ?? catalog.defaultPlan,
      balance: formatUsd(balance),
      held: formatUsd(held),
      createdAt: new Date(account.createdAt),
    };
  }

  return {
    async get(id) {
      const account = await keys.getAccount(id);
      if (!account) throw new GatewayError('not_found', { message: 'There is no such account.' });
      return describe(account);
    },

    async overview(id) {
      const [account, { balance, held }] = await Promise.all([keys.getAccount(id), meter.balance(id)]);
      const name = account?.plan ?? catalog.defaultPlan;
      const plan = catalog.plans.get(name);
      const amounts = { balance: formatUsd(balance), held: formatUsd(held) };
      return { id, plan: name, ...amounts, billing: plan?.prepaid ? 'prepaid' : 'metered', limits: plan?.limits ?? {} };
    },

    async setPlan(id, plan) {
      if (!catalog.plans.has(plan)) throw invalid('plan', `'${String(plan)}' is not a plan`);
      return describe(await keys.saveAccount({ id: readName(id, 'id', 256), plan, now: now() }));
    },

    async list({ search, after, limit = 100 } = {}) {
      const query = { limit: readLimit(limit), ...(search && { search }), ...(after && { after }) };
      return Promise.all((await keys.listAccounts(query)).map(describe));
    },
  };
}
