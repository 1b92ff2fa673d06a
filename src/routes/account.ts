import { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { Limits } from '../limits/rate-limiter.js';
import { accountFunds, readStandings } from '../management/account-funds.js';
import { partOf } from '../management/queries.js';
import { readDimensions, usageReportsOf } from '../management/usage-reports.js';
import { budgetEndsAt, budgetWindowAt } from '../meter/windows.js';
import { mayUse, type Principal } from '../pipeline/principal.js';
import type { RoutedRequest } from '../pipeline/route.js';

/** `GET /key`: what the caller may do and spend. Amounts are decimal strings in USD, times ISO 8601. */
export async function describeKey({ principal, runtime }: RoutedRequest): Promise<object> {
  const { account, plan, key, via, catalog } = principal;
  const at = runtime.now();
  const [standing] = await readStandings(runtime.meter, [account], catalog.budgets, at);
  if (!standing) throw new Error('the meter gave no standing of an account');
  // Of the plan that the request has, which may be another than the account's own.
  const funds = accountFunds(account, plan, catalog.budgets, standing, at);
  const models = [...catalog.models.keys()].filter((id) => mayUse(principal, id));
  return {
    object: 'key',
    id: key?.id ?? null,
    name: key?.name ?? null,
    via,
    account_id: account.id,
    plan: plan.name,
    models,
    limits: lowestOf(plan.limits, key?.limits),
    budget: await budgetOf(principal, runtime),
    balance: formatUsd(standing.balance),
    held: formatUsd(standing.held),
    available: funds.available,
    allowances: funds.allowances.map(({ resetsAt, ...allowance }) => ({ ...allowance, resets_at: resetsAt })),
    grants: funds.grants.map(({ expiresAt, ...grant }) => ({ ...grant, expires_at: expiresAt })),
    expires_at: principal.expiresAt === undefined ? null : new Date(principal.expiresAt),
  };
}

/** The lower of the account's and the key's limits, since both hold. */
function lowestOf(limits: Limits, own: Limits = {}): Limits {
  const lowest: Record<string, number> = { ...limits };
  for (const [name, limit] of Object.entries(own)) {
    if (limit !== undefined) lowest[name] = Math.min(limit, lowest[name] ?? limit);
  }
  return lowest;
}

async function budgetOf(principal: Principal, { meter, now }: RoutedRequest['runtime']): Promise<object | null> {
  const { account, budget, budgetSubject } = principal;
  if (!budget) return null;
  const at = now();
  const window = budgetWindowAt(budget.period, at);
  const { spent } = await partOf(meter, 'budget')(account.id, budgetSubject, window);
  const resetsAt = budgetEndsAt(budget.period, at);
  return {
    amount: formatUsd(BigInt(budget.amount)),
    period: budget.period,
    spent: formatUsd(spent),
    resets_at: resetsAt === undefined ? null : new Date(resetsAt),
  };
}

/** `GET /usage?from&to&group_by&scope`: sums of the account's usage; with `scope=key` those of this key alone. */
export async function describeUsage({ request, principal, runtime }: RoutedRequest): Promise<object> {
  const query = queryOf(request.path);
  const [from, to, scope] = ['from', 'to', 'scope'].map((name) => query.get(name) ?? undefined);
  const groupBy = query.getAll('group_by').flatMap((names) => names.split(',').filter((name) => name !== ''));
  if (groupBy.includes('account')) throw invalidQuery('group_by', "'account' is not a group of one account");
  if (scope !== undefined && scope !== 'account' && scope !== 'key')
    throw invalidQuery('scope', "it must be 'account' or 'key'");
  if (scope === 'key' && principal.keyId === null) throw invalidQuery('scope', 'the request was made without a key');
  const data = await usageReportsOf(runtime).query({
    accountId: principal.account.id,
    ...(scope === 'key' && principal.keyId !== null && { keyId: principal.keyId }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    groupBy: readDimensions(groupBy, 'group_by'),
  });
  return { object: 'list', data };
}

/** `GET /requests/{id}`: what a request of this account used and cost. @throws {GatewayError} `not_found`. */
export async function describeRequest({ params, principal, runtime }: RoutedRequest): Promise<object> {
  const filter = { accountId: principal.account.id, id: params['id'] ?? '' };
  const [event] = await usageReportsOf(runtime).events(filter, { limit: 1 });
  if (!event) throw new GatewayError('not_found', { message: 'There is no such request.' });
  return { object: 'request', ...event };
}

function queryOf(path: string): URLSearchParams {
  const start = path.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : path.slice(start + 1));
}

function invalidQuery(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_value', { message: `Invalid value for '${param}': ${problem}.`, param });
}
