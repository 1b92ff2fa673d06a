import type { Gateway, Store } from '../src/index.js';
import { recordSampleUsage, type SampleKey } from './sample-usage.js';

const DAY = 86_400_000;
const KEYS = 1_000;
/** With a year of days that makes some 47,000 requests. */
const BUSY = 16;
/** Requests that are recorded are spread over this many keys. */
const BUSY_KEYS = 60;
const TEAMS = ['checkout', 'search', 'support', 'mobile', 'billing', 'data', 'growth', 'labs'];

/** An account with a thousand keys and a year of busy usage. */
export async function fillBusyAccount(
  gateway: Gateway,
  store: Store,
  accountId: string,
  clock: { now: number },
): Promise<number> {
  const today = clock.now;
  clock.now = today - 366 * DAY;
  await gateway.accounts.setPlan(accountId, 'pro');
  await gateway.credits.topUp({ accountId, amount: '5000', idempotencyKey: 'busy-1', note: 'Invoice 2041' });
  const used: SampleKey[] = [];
  for (let index = 0; index < KEYS; index += 1) {
    clock.now = today - Math.floor(((KEYS - index) / KEYS) * 360) * DAY;
    const name = `${TEAMS[index % TEAMS.length]}-${String(index + 1).padStart(4, '0')}`;
    const budget = index % 3 === 0 ? { budget: { amount: String(5 + (index % 40)), period: 'month' as const } } : {};
    const { record } = await gateway.keys.create({ accountId, name, ...budget });
    if (index % (KEYS / BUSY_KEYS) < 1) used.push(record);
  }
  clock.now = today;
  const models = await gateway.models.list();
  const prices = Object.fromEntries(models.map(({ id, price }) => [id, price]));
  const { meter, requests } = store;
  await recordSampleUsage({ meter, requests, accountId, keys: used, prices, days: 365, busy: BUSY, now: today });
  await store.keyStore.touchKeys(used.map(({ id }, index) => ({ id, at: today - index * 47 * 60_000 })));
  const [row] = await gateway.usage.query({ accountId });
  return row?.requests ?? 0;
}
