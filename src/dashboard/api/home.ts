import { namesOfKeys } from './key-names.js';
import { whereLogged } from './requests.js';
import type { RouteContext } from './route.js';

const DAY_MS = 86_400_000;
/** Days of the chart. */
const DAYS = 14;
/** Groups that are named. */
const TOP = 5;
const MOST_ERRORS = 100;
/** Of these one must be usable, or the account is shown how to make one. */
const NEWEST_KEYS = 100;

/**
 * What an account sees first: what is left, what this month costs, what failed in the last day, and how far a new
 * account has come.
 */
export async function getHome({ gateway, caller: { accountId } }: RouteContext) {
  const now = Date.now();
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const month = monthOf(now);
  const recent = { accountId, from: new Date(today - (DAYS - 1) * DAY_MS), to: new Date(today + DAY_MS) };
  const [account, limits, keys, days, models, byKey, thisMonth, lastMonth, failed] = await Promise.all([
    gateway.accounts.overview(accountId),
    gateway.accounts.limits(accountId),
    gateway.keys.list(accountId, { limit: NEWEST_KEYS }),
    gateway.usage.query({ ...recent, groupBy: ['day'] }),
    gateway.usage.query({ ...recent, groupBy: ['model'], top: TOP }),
    gateway.usage.query({ ...recent, groupBy: ['key'], top: TOP }),
    gateway.usage.query({ accountId, from: month.from, to: month.to }),
    gateway.usage.query({ accountId, from: month.before, to: month.from }),
    whereLogged(gateway.requests.list({ accountId, status: 'failed', from: now - DAY_MS }, { limit: MOST_ERRORS })),
  ]);
  const names = await namesOfKeys(
    gateway,
    accountId,
    byKey.map(({ keyId }) => keyId),
  );
  const spent = Number(thisMonth[0]?.cost ?? 0);
  const live = keys.filter(({ revokedAt, expiresAt }) => !revokedAt && !(expiresAt && expiresAt.getTime() <= now));
  return {
    account,
    limits,
    month: { spent: String(spent), forecast: forecast(spent, now, month), before: lastMonth[0]?.cost ?? '0' },
    days: days.map(({ day = '', cost, requests }) => ({ day, cost, requests })),
    models: models.map(({ model = '', cost, requests }) => ({ id: model, name: model, cost, requests })),
    keys: byKey.map(({ keyId, cost, requests }) => ({
      ...{ id: keyId ?? '', cost, requests },
      name: names[keyId ?? ''] ?? null,
    })),
    errors: failed && {
      count: failed.length,
      more: failed.length === MOST_ERRORS,
      latest: failed.slice(0, TOP).map(({ id, at, status, code, model }) => ({ id, at, status, code, model })),
    },
    started: { key: live.length > 0, request: days.length > 0 || Number(lastMonth[0]?.requests ?? 0) > 0 },
  };
}

/** The UTC month that `now` is in. */
function monthOf(now: number) {
  const date = new Date(now);
  const start = (offset: number) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1));
  return { before: start(-1), from: start(0), to: start(1) };
}

/** The month's spend, projected from its pace so far; null on the first day, which says too little. */
function forecast(spent: number, now: number, { from, to }: ReturnType<typeof monthOf>): string | null {
  const passed = now - from.getTime();
  if (passed < DAY_MS) return null;
  return String(Number((spent * ((to.getTime() - from.getTime()) / passed)).toPrecision(9)));
}
