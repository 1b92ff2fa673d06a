import type { Account } from '../keys/key-store.js';
import { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import type { Limits } from '../limits/rate-limiter.js';
import { invalid, type ManagementDeps, readAccountId, readLimit, readName, readOptions } from './management.js';

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
  list(query?: AccountListQuery): Promise<AccountInfo[]>;
}

/** Which accounts to list. */
export interface AccountListQuery {
  readonly search?: string;
  readonly after?: string;
  /** 1 to 1,000. @default 100 */
  readonly limit?: number;
}

const LIST: OptionNames<AccountListQuery> = { search: true, after: true, limit: true };

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
      const account = await keys.getAccount(readAccountId(id, 'id'));
      if (!account) throw new GatewayError('not_found', { message: 'There is no such account.' });
      return describe(account);
    },

    async overview(id) {
      readAccountId(id, 'id');
      const [account, { balance, held }] = await Promise.all([keys.getAccount(id), meter.balance(id)]);
      const name = account?.plan ?? catalog.defaultPlan;
      const plan = catalog.plans.get(name);
      const amounts = { balance: formatUsd(balance), held: formatUsd(held) };
      return { id, plan: name, ...amounts, billing: plan?.prepaid ? 'prepaid' : 'metered', limits: plan?.limits ?? {} };
    },

    async setPlan(id, plan) {
      if (!catalog.plans.has(plan)) throw invalid('plan', `'${String(plan)}' is not a plan`);
      return describe(await keys.saveAccount({ id: readAccountId(id, 'id'), plan, now: now() }));
    },

    async list(options = {}) {
      const { search, after, limit = 100 } = readOptions('accounts.list', options, LIST);
      const query = {
        limit: readLimit(limit),
        ...(search && { search: readName(search, 'search', 256) }),
        ...(after && { after: readName(after, 'after', 256) }),
      };
      return Promise.all((await keys.listAccounts(query)).map(describe));
    },
  };
}
