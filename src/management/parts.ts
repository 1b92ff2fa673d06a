import { loadedOnce, methodsLoadedLate } from '../lib/loaded-late.js';
import type { OptionNames as Names } from '../lib/option-names.js';
import type { AccountData } from './account-data.js';
import type { Accounts } from './accounts.js';
import type { Budgets } from './budgets.js';
import type { Changes } from './changes.js';
import type { Credits } from './credits.js';
import type { Keys } from './keys.js';
import type { Maintenance } from './maintenance.js';
import { invalid, type ManagementDeps, readAccountId } from './management.js';
import type { Models } from './models.js';
import type { PromoCodes } from './promo-codes.js';
import type { Requests } from './requests.js';
import type { Sessions } from './sessions.js';
import type { UsageReports } from './usage-reports.js';

/** What the host's own code calls, by subject. */
export interface ManagementParts {
  readonly keys: Keys;
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  readonly accountData: AccountData;
  readonly maintenance: Maintenance;
  readonly credits: Credits;
  readonly promoCodes: PromoCodes;
  readonly budgets: Budgets;
  readonly changes: Changes;
  readonly usage: UsageReports;
  readonly requests: Requests;
  readonly models: Models;
}

const KEYS: Names<Keys> = {
  create: true,
  list: true,
  get: true,
  find: true,
  rotate: true,
  disable: true,
  enable: true,
  update: true,
  revoke: true,
};
const ACCOUNTS: Names<Accounts> = {
  get: true,
  overview: true,
  create: true,
  setBudget: true,
  setProfile: true,
  limits: true,
  setPlan: true,
  suspend: true,
  resume: true,
  list: true,
};

/**
 * The parts of the management; their code is loaded with the first call of any of them, since serving requests needs none.
 * Not so `credits`: a top-up in a synchronous transaction of the host is written before the call returns.
 *
 * @param load makes the parts.
 */
export function managementLoadedLate(
  { usageListeners }: Pick<ManagementDeps, 'usageListeners'>,
  load: () => Promise<Omit<ManagementParts, 'credits'>>,
): Omit<ManagementParts, 'credits'> {
  const parts = loadedOnce(load);
  return {
    keys: methodsLoadedLate<Keys>(KEYS, async () => (await parts()).keys),
    sessions: methodsLoadedLate<Sessions>(
      { create: true, list: true, revoke: true },
      async () => (await parts()).sessions,
    ),
    accounts: methodsLoadedLate<Accounts>(ACCOUNTS, async () => (await parts()).accounts),
    accountData: accountDataLoadedLate(async () => (await parts()).accountData),
    maintenance: methodsLoadedLate<Maintenance>({ prune: true }, async () => (await parts()).maintenance),
    promoCodes: methodsLoadedLate<PromoCodes>(
      { create: true, disable: true, list: true },
      async () => (await parts()).promoCodes,
    ),
    changes: methodsLoadedLate<Changes>({ record: true, list: true }, async () => (await parts()).changes),
    budgets: methodsLoadedLate<Budgets>({ get: true, ofKeys: true }, async () => (await parts()).budgets),
    usage: usageLoadedLate(usageListeners, async () => (await parts()).usage),
    requests: methodsLoadedLate<Requests>(
      { get: true, list: true, newestOf: true, countFailures: true },
      async () => (await parts()).requests,
    ),
    models: methodsLoadedLate<Models>({ list: true }, async () => (await parts()).models),
  };
}

function accountDataLoadedLate(load: () => Promise<AccountData>): AccountData {
  return {
    ...methodsLoadedLate<Pick<AccountData, 'erase'>>({ erase: true }, load),
    // The id is checked before the first line is read: an answer that has begun can't be refused any more.
    export: (id) => exported(readAccountId(id, 'id'), load),
  };
}

/** Who listens hears of every request from now on, and so does not wait for code. */
function usageLoadedLate(listeners: ManagementDeps['usageListeners'], load: () => Promise<UsageReports>): UsageReports {
  return {
    ...methodsLoadedLate<Omit<UsageReports, 'subscribe'>>({ query: true, ofAccounts: true, events: true }, load),
    subscribe(listener) {
      if (typeof listener !== 'function') throw invalid('listener', 'it must be a function');
      return listeners.add(listener);
    },
  };
}

async function* exported(accountId: string, load: () => Promise<AccountData>): AsyncGenerator<string> {
  yield* (await load()).export(accountId);
}
