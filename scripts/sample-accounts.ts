import type { Gateway, Store } from '../src/index.js';
import { fillChanges } from './sample-changes.js';
import { recordSampleUsage, type SampleKey } from './sample-usage.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/**
 * Fills a gateway with accounts, keys, money and usage that look like those of a running product.
 *
 * @param clock what the gateway takes for the time; it is set back for what happened long ago.
 */
export async function fillWithSamples(gateway: Gateway, store: Store, clock: { now: number }): Promise<void> {
  const today = clock.now;
  clock.now = today - 70 * DAY;
  await gateway.promoCodes.create({ code: 'WELCOME', amount: '5', maxRedemptions: 500 });
  await fillMainAccount(gateway, store, clock, today);
  clock.now = today - 50 * DAY;
  for (const [index, name] of ['Acme', 'Globex', 'Initech', 'Umbrella'].entries()) {
    const accountId = name.toLowerCase();
    await gateway.accounts.setProfile(accountId, { displayName: `${name} Inc.`, email: `ai@${accountId}.example` });
    const { record } = await gateway.keys.create({ accountId, name: 'production' });
    await gateway.accounts.setPlan(accountId, index % 2 === 0 ? 'pro' : 'free');
    await gateway.credits.topUp({ accountId, amount: String(20 * (index + 1)), idempotencyKey: 'Card ending 1881' });
    await recordUsage(gateway, store, { accountId, keys: [record], days: 20 + index * 8, now: today });
    await store.keyStore.touchKeys([{ id: record.id, at: today - index * HOUR - 420_000 }]);
  }
  clock.now = today;
  await fillChanges(gateway, clock);
}

/** The account that looks at the dashboard. */
async function fillMainAccount(gateway: Gateway, store: Store, clock: { now: number }, today: number): Promise<void> {
  const accountId = 'operator';
  await gateway.accounts.setPlan(accountId, 'pro');
  await gateway.credits.topUp({ accountId, amount: '50', idempotencyKey: 'pi_3QK81m', note: 'Card ending 4242' });
  await gateway.credits.redeem({ accountId, code: 'WELCOME' });
  const old = await gateway.keys.create({ accountId, name: 'prototype' });
  await gateway.keys.revoke(old.record.id);
  const laptop = await gateway.keys.create({ accountId, name: 'laptop' });
  clock.now = today - 41 * DAY;
  const models = ['gpt-4o-mini', 'claude-haiku-4-5'];
  const staging = await gateway.keys.create({ accountId, name: 'staging', models, expiresAt: today + 60 * DAY });
  clock.now = today - 33 * DAY;
  const budget = { amount: '200', period: 'month' } as const;
  const production = await gateway.keys.create({ accountId, name: 'production', budget });
  const keys = [production, staging, laptop].map(({ record }) => record);
  await recordUsage(gateway, store, { accountId, keys, days: 60, now: today });
  clock.now = today - 2 * DAY;
  const grant = { amount: '10', reason: 'Launch week', expiresAt: today + 26 * DAY };
  await gateway.credits.grant({ accountId, idempotencyKey: 'launch', ...grant });
  await store.keyStore.touchKeys(keys.map(({ id }, index) => ({ id, at: today - index * 5 * HOUR - 240_000 })));
}

async function recordUsage(
  gateway: Gateway,
  { meter, requests }: Store,
  usage: {
    readonly accountId: string;
    readonly keys: readonly SampleKey[];
    readonly days: number;
    readonly now: number;
  },
): Promise<void> {
  const models = await gateway.models.list();
  const prices = Object.fromEntries(models.map(({ id, price }) => [id, price]));
  await recordSampleUsage({ meter, requests, prices, ...usage });
}
