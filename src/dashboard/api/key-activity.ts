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

/** What counts against each budget: all keys of a rotation share one. Where none of them was used it is nothing. */
async function spentOfBudgets(
  gateway: RouteContext['gateway'],
  accountId: string,
  keys: readonly KeyInfo[],
): Promise<Map<string, string>> {
  const bound = keys.flatMap((key) => (key.budget && !key.revokedAt ? [{ ...key, period: key.budget.period }] : []));
  const used = await usedRoots(gateway, accountId, keys, new Set(bound.map(({ period }) => period)));
  const spent = new Map(bound.map(({ id }) => [id, '0']));
  const counted = bound.filter(({ period, ...key }) => used.get(period)?.has(rootOf(key)));
  for (let start = 0; start < counted.length; start += AT_ONCE) {
    await Promise.all(
      counted.slice(start, start + AT_ONCE).map(async ({ id, period }) => {
        const use = await gateway.budgets.get({ accountId, subject: 'key', value: id, period });
        spent.set(id, use.spent);
      }),
    );
  }
  return spent;
}

type Period = NonNullable<KeyInfo['budget']>['period'];

function rootOf({ id, rootId }: Pick<KeyInfo, 'id' | 'rootId'>): string {
  return rootId ?? id;
}

/** The first keys of the rotations that were used in the running period of each length. */
async function usedRoots(
  gateway: RouteContext['gateway'],
  accountId: string,
  keys: readonly KeyInfo[],
  periods: ReadonlySet<Period>,
): Promise<Map<Period, Set<string>>> {
  const roots = new Map(keys.map((key) => [key.id, rootOf(key)]));
  const used = [...periods].map(async (period) => {
    const from = startOf(period);
    const rows = await gateway.usage.query({ accountId, ...(from && { from }), groupBy: ['key'] });
    return [period, new Set(rows.map(({ keyId }) => roots.get(keyId ?? '') ?? ''))] as const;
  });
  return new Map(await Promise.all(used));
}

/** When a period began; undefined for the one that never ends. */
function startOf(period: Period): Date | undefined {
  const now = new Date();
  if (period === 'total') return undefined;
  const day = period === 'day' ? now.getUTCDate() : 1;
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), day));
}
