import type { AccountInfo } from '../../management/accounts.js';
import { describeEntry } from './credits.js';
import { csvOf } from './csv.js';
import { oneOf, optional, text } from './fields.js';
import { describeKey } from './keys.js';
import { describeChange } from './operator-audit.js';
import { findAnything } from './operator-find.js';
import { limit, readQuery } from './query.js';
import { whereLogged } from './requests.js';
import { FileAnswer, type RouteContext } from './route.js';

const DAY_MS = 86_400_000;
/** What the spend of an account is summed over. */
const SPEND_DAYS = 30;
const MOST_IN_FILE = 10_000;
/** Keys on an account's page, the newest; the search finds an older one by its id or hint. */
const MOST_KEYS = 100;
/** The most accounts that are listed by spend. */
const MOST_SPENDERS = 1_000;

const search = {
  search: optional(text({ min: 0, max: 200 })),
  sort: optional(oneOf(['id', 'spend'])),
  after: optional(text({ max: 200 })),
  limit,
};

/**
 * Accounts with plan, balance and the spend of 30 days: by id, or those that spent most; and the names of the plans there
 * are. `found`: the request or key that the search names by its id or hint.
 */
export async function listAccounts(context: RouteContext) {
  const { gateway, query } = context;
  const { limit: size = 25, search: term = '', sort = 'id', after } = readQuery(query, search);
  const [accounts, found] = await Promise.all([
    sort === 'spend' && term === ''
      ? topSpenders(gateway, size, after)
      : gateway.accounts.list({ limit: size, ...(term && { search: term }), ...(after && { after }) }),
    findAnything(context, term),
  ]);
  const { spend, lastSeen } = await activityOf(
    gateway,
    accounts.map(({ id }) => id),
  );
  const data = accounts.map((account) => ({
    ...describeAccount(account, spend),
    lastSeenAt: lastSeen.get(account.id) ?? null,
  }));
  return { data, plans: gateway.plans, found };
}

/** All accounts as a file. */
export async function exportAccounts({ gateway }: RouteContext) {
  const spend = await spendOf(gateway);
  const rows = (await allAccounts(gateway)).map((account) => toRow(describeAccount(account, spend)));
  return new FileAnswer('accounts.csv', 'text/csv; charset=utf-8', csvOf(FILE_HEADER, rows));
}

/** As many accounts as a file may have. */
async function allAccounts(gateway: Gateway): Promise<AccountInfo[]> {
  const accounts: AccountInfo[] = [];
  for (;;) {
    const after = accounts.at(-1)?.id;
    const page = await gateway.accounts.list({ limit: 1_000, ...(after !== undefined && { after }) });
    accounts.push(...page);
    if (page.length < 1_000 || accounts.length >= MOST_IN_FILE) return accounts;
  }
}

const FILE_HEADER = [
  'id',
  'name',
  'email',
  'plan',
  'balance_usd',
  'spend_30_days_usd',
  'margin_30_days_usd',
  'state',
  'created',
];

function toRow(account: ReturnType<typeof describeAccount>): string[] {
  const { id, displayName, email, plan, balance, spend, margin, suspended, createdAt } = account;
  const state = suspended ? 'suspended' : '';
  return [id, displayName ?? '', email ?? '', plan, balance, spend, margin ?? '', state, createdAt.toISOString()];
}

/** One account: what it has, its keys, and its latest movements. */
export async function getOperatorAccount({ gateway, id }: RouteContext) {
  const { note, createdAt } = await gateway.accounts.get(id);
  const from = spendSince(Date.now());
  const [account, limitsNow, entries, changes, keys, [usage], { lastSeen }] = await Promise.all([
    gateway.accounts.overview(id),
    gateway.accounts.limits(id),
    gateway.credits.history(id, { limit: 20, usage: false }),
    gateway.changes.list({ accountId: id }, { limit: 10 }),
    gateway.keys.list(id),
    gateway.usage.query({ accountId: id, from }),
    activityOf(gateway, [id]),
  ]);
  return {
    ...account,
    ...{ note, createdAt, lastSeenAt: lastSeen.get(id) ?? null, limitsNow, plans: gateway.plans },
    spend: usage?.cost ?? '0',
    requests: usage?.requests ?? 0,
    keys: keys.slice(0, MOST_KEYS).map(describeKey),
    keyCount: keys.length,
    history: entries.map(describeEntry),
    changes: changes?.map(describeChange) ?? null,
  };
}

type Gateway = RouteContext['gateway'];
/** What accounts were charged, and what was earned where the provider's cost is known. */
type Spend = ReadonlyMap<string, { readonly cost: string; readonly margin: string | null }>;

/** UTC days, the running one included: the same that the page's report of 30 days covers. */
function spendSince(now: number): Date {
  return new Date(Math.floor(now / DAY_MS) * DAY_MS - (SPEND_DAYS - 1) * DAY_MS);
}

async function spendOf(gateway: Gateway): Promise<Spend> {
  const from = spendSince(Date.now());
  const rows = await gateway.usage.query({ from, groupBy: ['account'] });
  return new Map(rows.map(({ accountId = '', cost, margin = null }) => [accountId, { cost, margin }]));
}

/** The spend of these accounts, and when their newest request was: refused ones count where requests are logged. */
async function activityOf(gateway: Gateway, ids: readonly string[]) {
  const [used, logged] = await Promise.all([
    gateway.usage.ofAccounts(ids, { from: spendSince(Date.now()) }),
    whereLogged(gateway.requests.newestOf(ids)),
  ]);
  const spend: Spend = new Map(used.map(({ accountId, cost, margin = null }) => [accountId, { cost, margin }]));
  const lastSeen = new Map<string, Date>();
  for (const { accountId, lastAt } of used) {
    const loggedAt = logged?.get(accountId);
    const newest = lastAt && loggedAt && lastAt > loggedAt ? lastAt : (loggedAt ?? lastAt);
    if (newest) lastSeen.set(accountId, newest);
  }
  return { spend, lastSeen };
}

/** Accounts of the first thousand by spend, after one of them. */
async function topSpenders(gateway: Gateway, size: number, after?: string): Promise<AccountInfo[]> {
  const rows = await gateway.usage.query({ from: spendSince(Date.now()), groupBy: ['account'], top: MOST_SPENDERS });
  const ids = rows.map(({ accountId = '' }) => accountId);
  const start = after === undefined ? 0 : ids.indexOf(after) + 1;
  // An erased account has usage under its pseudonym, but is not an account.
  return gateway.accounts.list({ ids: ids.slice(start, start + size) });
}

function describeAccount(account: AccountInfo, spend: Spend) {
  const { id, displayName, email, plan, balance, held, available, suspended, createdAt } = account;
  const { cost = '0', margin = null } = spend.get(id) ?? {};
  return {
    ...{ id, displayName, email, plan, balance, held, available, suspended, createdAt },
    ...{ spend: cost, margin },
  };
}
