import { describeFault } from '../../lib/logger.js';
import type { KeyInfo } from '../../management/keys.js';
import type { RouteContext } from './route.js';

const DAY_MS = 86_400_000;
/** Days of a sparkline. */
const DAYS = 14;

/** What a key spent. */
export interface KeyActivity {
  /** The cost of each of 14 UTC days, the running one last; null where it could not be read. */
  readonly days: readonly number[] | null;
  /** Spent in the running period of the key's budget; null for a key without one, or where it could not be read. */
  readonly budgetSpent: string | null;
}

const UNREAD: KeyActivity = { days: null, budgetSpent: null };
const IDLE: readonly number[] = Array.from({ length: DAYS }, () => 0);

/** What some of the caller's keys spent, by their ids; of no others, however many there are. */
export async function activityOf(
  { gateway, settings, caller: { accountId } }: RouteContext,
  keys: readonly KeyInfo[],
): Promise<(keyId: string) => KeyActivity> {
  const ids = keys.map(({ id }) => id);
  const read = Promise.all([gateway.budgets.ofKeys(accountId, keys), daysOf(gateway, accountId, ids)]);
  const found = await orLogged(read, settings);
  if (!found) return () => UNREAD;
  const [budgets, days] = found;
  return (id) => ({ days: days.get(id) ?? IDLE, budgetSpent: budgets.get(id)?.spent ?? null });
}

/** The cost of each day of those of some keys that were used. */
async function daysOf({ usage }: RouteContext['gateway'], accountId: string, keyIds: readonly string[]) {
  const from = firstDay();
  const byKey = new Map<string, number[]>();
  for (const { keyId, day = '', cost } of await usage.query({ accountId, keyIds, from, groupBy: ['key', 'day'] })) {
    const index = Math.round((Date.parse(day) - from.getTime()) / DAY_MS);
    if (!keyId || index >= DAYS) continue;
    const days = byKey.get(keyId) ?? [...IDLE];
    days[index] = Number(cost);
    byKey.set(keyId, days);
  }
  return byKey;
}

/** What all of the caller's keys that were used spent in the same days. */
export async function spendOfKeys({ gateway, settings, caller }: RouteContext): Promise<ReadonlyMap<string, number>> {
  const read = gateway.usage.query({ accountId: caller.accountId, from: firstDay(), groupBy: ['key'] });
  const rows = (await orLogged(read, settings)) ?? [];
  return new Map(rows.map(({ keyId, cost }) => [keyId ?? '', Number(cost)]));
}

function firstDay(): Date {
  return new Date((Math.floor(Date.now() / DAY_MS) - (DAYS - 1)) * DAY_MS);
}

/** A report that fails is logged and left out: revoking a key must not depend on sums. */
async function orLogged<T>(report: Promise<T>, { logger }: RouteContext['settings']): Promise<T | undefined> {
  try {
    return await report;
  } catch (error) {
    logger.warn({ fault: describeFault(error) }, 'the dashboard could not read what keys spent');
    return undefined;
  }
}
