import type { UsageRow } from '../../management/usage-reports.js';
import { oneOf } from './fields.js';
import { allOutcomes, modelOutcomes, targetOutcomes } from './outcomes.js';
import { readQuery } from './query.js';
import { whereLogged } from './requests.js';
import type { RouteContext } from './route.js';

const DAY_MS = 86_400_000;
const DAYS = { day: 1, week: 7, month: 30 } as const;
/** The newest requests that rates and times are counted over. */
const MOST_REQUESTS = 1_000;
const MOST_ROWS = 8;
const MOST_MODELS = 50;
/** Accounts that are looked at for what they have left: those that spent most in the period. */
const MOST_ACCOUNTS = 500;
/** Below this, in US dollars, an account is about to be refused. */
const LOW = 1;

/** Health and earnings of the service over some UTC days, compared with the same number of days before. */
export async function getOverview({ gateway, names, query }: RouteContext) {
  const { range } = readQuery(query, { range: oneOf(['day', 'week', 'month']) });
  const length = DAYS[range] * DAY_MS;
  const to = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS);
  const from = new Date(to.getTime() - length);
  const before = { from: new Date(from.getTime() - length), to: from };
  const [[now], [previous], models, used, logged, refused] = await Promise.all([
    gateway.usage.query({ from, to }),
    gateway.usage.query(before),
    gateway.usage.query({ from, to, groupBy: ['model'], top: MOST_MODELS }),
    gateway.usage.query({ from, to, groupBy: ['account'], top: MOST_ACCOUNTS }),
    whereLogged(gateway.requests.list({ from: from.getTime() }, { limit: MOST_REQUESTS })),
    whereLogged(
      gateway.requests.list({ from: from.getTime(), code: 'insufficient_balance' }, { limit: MOST_ACCOUNTS }),
    ),
  ]);
  const spenders = used.slice(0, MOST_ROWS);
  const active = [...used, ...(refused ?? [])].map(({ accountId = '' }) => accountId);
  const errors = await errorsOf(gateway, { from, to }, models, previous !== undefined);
  const health = gateway.health();
  const outcomes = logged && { all: allOutcomes(logged) ?? null, models: modelOutcomes(logged) };
  const targets = logged && targetOutcomes(logged);
  return {
    now: sumsOf(now),
    before: sumsOf(previous),
    outcomes: outcomes?.all ?? null,
    errors: errors?.get(ALL) ?? null,
    models: models.map((row) => ({
      id: row.model ?? '',
      ...sumsOf(row),
      outcomes: outcomes?.models.find(({ id }) => id === row.model) ?? null,
      errors: errors?.get(row.model ?? '') ?? null,
    })),
    targets: health.map(({ target, state }) => ({
      target,
      state,
      outcomes: targets?.find(({ id }) => id === target) ?? null,
    })),
    spenders: spenders.map((row) => ({ id: row.accountId ?? '', ...sumsOf(row) })),
    low: await lowAccounts(gateway, active),
    names: await names.of(spenders.map(({ accountId = '' }) => accountId)),
  };
}

/** Of all models together. */
const ALL = '\u0000all';

/** Failures among all requests of the period, by model and of all; client errors are not counted. */
interface ErrorRate {
  readonly failed: number;
  readonly tries: number;
}

/**
 * Undefined where the log does not count failures, or is younger than the period though there were requests before:
 * the page shows the rate of the newest requests then.
 */
async function errorsOf(
  gateway: RouteContext['gateway'],
  { from, to }: { readonly from: Date; readonly to: Date },
  models: readonly UsageRow[],
  olderUsage: boolean,
): Promise<ReadonlyMap<string, ErrorRate> | undefined> {
  const [failures, older] = await Promise.all([
    whereLogged(gateway.requests.countFailures({ from, to })),
    olderUsage ? whereLogged(gateway.requests.list({ to: from }, { limit: 1 })) : [],
  ]);
  if (!failures || !older || (olderUsage && older.length === 0)) return undefined;
  const rates = new Map<string, ErrorRate>();
  const add = (id: string, more: ErrorRate) => {
    const { failed, tries } = rates.get(id) ?? { failed: 0, tries: 0 };
    rates.set(id, { failed: failed + more.failed, tries: tries + more.tries });
  };
  const all = [
    ...models.map(({ model = '', requests }) => ({ id: model, failed: 0, tries: requests })),
    ...failures.map(({ model, failed }) => ({ id: model ?? '', failed, tries: failed })),
  ];
  for (const one of all) for (const id of [one.id, ALL]) add(id, one);
  return rates;
}

/** Absent is nothing: a period without any request. */
function sumsOf(row: UsageRow | undefined) {
  const { requests = 0, cost = '0', providerCost = null, margin = null } = row ?? {};
  return { requests, cost, providerCost, margin };
}

/**
 * Of the accounts that were active in the period those that are refused for money, or soon will be; those with least first.
 * Accounts with nothing left that nobody uses are not looked at, however many there are.
 */
async function lowAccounts(gateway: RouteContext['gateway'], active: readonly string[]) {
  // An erased account has usage under its pseudonym, but is no account.
  const ids = [...new Set(active)].filter((id) => id !== '');
  const accounts = await gateway.accounts.list({ ids });
  return accounts
    .filter(({ available, suspended }) => available !== null && Number(available) < LOW && !suspended)
    .sort((a, b) => Number(a.available) - Number(b.available))
    .slice(0, MOST_ROWS)
    .map(({ id, displayName, email, available, plan }) => ({ id, name: displayName ?? email ?? id, available, plan }));
}
