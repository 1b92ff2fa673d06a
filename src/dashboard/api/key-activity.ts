import type { KeyInfo } from '../../management/keys.js';
import type { RouteContext } from './route.js';

const DAY_MS = 86_400_000;
/** Days of a sparkline. */
const DAYS = 14;

/** What each of the caller's keys spent: per day of two weeks, and in the running period of its budget. */
export async function getKeyActivity({ gateway, caller: { accountId } }: RouteContext) {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const from = new Date(today - (DAYS - 1) * DAY_MS);
  const [keys, rows] = await Promise.all([
    gateway.keys.list(accountId),
    gateway.usage.query({ accountId, from, groupBy: ['key', 'day'] }),
  ]);
  const spent = await spentOfBudgets(gateway, accountId, keys);
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
      .filter(({ id }) => byKey.has(id) || spent.has(id))
      .map(({ id }) => ({ id, days: byKey.get(id) ?? [], budgetSpent: spent.get(id) ?? null })),
  };
}

/** Budgets that are read at the same time. */
const AT_ONCE = 16;

/** What counts against each budget: all keys of a rotation share one. */
async function spentOfBudgets(
  gateway: RouteContext['gateway'],
  accountId: string,
  keys: readonly KeyInfo[],
): Promise<Map<string, string>> {
  const bound = keys.filter(({ budget, revokedAt }) => budget && !revokedAt);
  const spent = new Map<string, string>();
  for (let start = 0; start < bound.length; start += AT_ONCE) {
    await Promise.all(
      bound.slice(start, start + AT_ONCE).map(async ({ id, budget }) => {
        const period = budget?.period ?? 'month';
        const use = await gateway.budgets.get({ accountId, subject: 'key', value: id, period });
        spent.set(id, use.spent);
      }),
    );
  }
  return spent;
}
