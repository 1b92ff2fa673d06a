import type { Gateway, Store } from '../src/index.js';
import { recordSampleUsage } from './sample-usage.js';

const DAY = 86_400_000;

/** Fills a gateway with accounts, keys, money and usage that look like those of a running product. */
export async function fillWithSamples(gateway: Gateway, { meter }: Store, now: number): Promise<void> {
  const accountId = 'operator';
  await gateway.accounts.setPlan(accountId, 'pro');
  await gateway.credits.topUp({
    accountId,
    amount: '50',
    idempotencyKey: 'pi_3QK81mLkdIwHu7ix',
    note: 'Card ending 4242',
  });
  await gateway.promoCodes.create({ code: 'WELCOME', amount: '5', maxRedemptions: 500 });
  await gateway.promoCodes.create({ code: 'LAUNCH-WEEK', amount: '25', maxRedemptions: 40, expiresAt: now + 12 * DAY });
  await gateway.credits.redeem({ accountId, code: 'WELCOME' });
  const keyIds: string[] = [];
  for (const name of ['laptop', 'staging', 'production']) {
    const { record } = await gateway.keys.create({
      accountId,
      name,
      ...(name === 'production' && { budget: { amount: '200', period: 'month' } }),
      ...(name === 'staging' && { models: ['gpt-4o-mini', 'claude-haiku-4-5'], expiresAt: now + 60 * DAY }),
    });
    keyIds.unshift(record.id);
  }
  const { record } = await gateway.keys.create({ accountId, name: 'old prototype' });
  await gateway.keys.revoke(record.id);
  const models = await gateway.models.list(accountId);
  const prices = Object.fromEntries(models.map(({ id, price }) => [id, price]));
  await recordSampleUsage({ meter, accountId, keyIds, prices, days: 60, now });
  for (const [index, name] of ['acme', 'globex', 'initech', 'umbrella'].entries()) {
    await gateway.accounts.setPlan(name, index % 2 === 0 ? 'pro' : 'free');
    await gateway.credits.topUp({ accountId: name, amount: String(20 * (index + 1)), idempotencyKey: 'first' });
    await recordSampleUsage({ meter, accountId: name, keyIds: ['key_sample'], prices, days: 20 + index * 8, now });
  }
}
