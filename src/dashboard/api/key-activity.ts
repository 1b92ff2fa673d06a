import type { RouteContext } from './route.js';

const DAY_MS = 86_400_000;
/** Days of a sparkline. */
const DAYS = 14;

/** What each of the caller's keys spent: per day of two weeks, and in the running period of its budget. */
export async function getKeyActivity({ gateway, caller: { accountId } }: RouteContext) {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const from = new Date(today - (DAYS - 1) * DAY_MS);
  const [keys, budgets, rows] = await Promise.all([
    gateway.keys.list(accountId),
    gateway.budgets.ofKeys(accountId),
    gateway.usage.query({ accountId, from, groupBy: ['key', 'day'] }),
  ]);
  const byKey = new Map<string, number[]>();
  for (const { keyId, day, cost } of rows) {
    if (!keyId || day === undefined) continue;
    const days = byKey.get(keyId) ?? Array.from({ length: DAYS }, () => 0);
    const index = Math.round((Date.parse(day) - from.getTime()) / DAY_MS);
    if (index >= 0 && index < DAYS) days[index] = Number(cost);
    byKey.set(keyId, days);
  }
  return {
    data: keys
      .filter(({ id }) => byKey.has(id) || budgets.has(id))
      .map(({ id }) => ({ id, days: byKey.get(id) ?? [], budgetSpent: budgets.get(id)?.spent ?? null })),
  };
}
