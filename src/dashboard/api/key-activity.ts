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

type Period = NonNullable<KeyInfo['budget']>['period'];

/** When a period began; undefined for the one that never ends. */
function startOf(period: Period): Date | undefined {
  const now = new Date();
  if (period === 'total') return undefined;
  const day = period === 'day' ? now.getUTCDate() : 1;
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), day));
}

/** One report per period that any budget has. */
async function spentOfBudgets(
  gateway: RouteContext['gateway'],
  accountId: string,
  keys: readonly KeyInfo[],
): Promise<Map<string, string>> {
  const periods = new Set(keys.flatMap(({ budget, revokedAt }) => (budget && !revokedAt ? [budget.period] : [])));
  const spent = new Map<string, string>();
  await Promise.all(
    [...periods].map(async (period) => {
      const from = startOf(period);
      const rows = await gateway.usage.query({ accountId, ...(from && { from }), groupBy: ['key'] });
      const costs = new Map(rows.map(({ keyId, cost }) => [keyId, cost]));
      for (const { id, budget } of keys) {
        if (budget?.period === period) spent.set(id, costs.get(id) ?? '0');
      }
    }),
  );
  return spent;
}
