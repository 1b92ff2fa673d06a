import type { ChangeOptions, Gateway } from '../src/index.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** A week of operators: what they did to the accounts of the samples, and the notes of it that the dashboard would keep. */
export async function fillChanges(gateway: Gateway, clock: { now: number }): Promise<void> {
  const { accounts, credits, keys, promoCodes, changes } = gateway;
  const today = clock.now;
  const done = async (at: number, what: () => Promise<unknown>, note: Omit<ChangeOptions, 'operator'>, by = 'jun') => {
    clock.now = today - at;
    await what();
    await changes.record({ operator: by, ...note });
  };
  const [key] = await keys.list('initech');
  if (!key) throw new Error('The account has no key.');
  const code = 'LAUNCH-WEEK';
  const expiresAt = today + 12 * DAY;
  const offer = { amount: '25', maxRedemptions: 40 };
  await done(6 * DAY, () => promoCodes.create({ code, ...offer, expiresAt }), {
    action: 'promo.create',
    subject: code,
    details: { ...offer, expiresAt: new Date(expiresAt).toISOString() },
  });
  const reason = 'Slow answers on Tuesday';
  const grant = { accountId: 'acme', amount: '10', reason, expiresAt: today + 30 * DAY, idempotencyKey: 'slow' };
  await done(4 * DAY, () => credits.grant(grant), {
    action: 'account.grant',
    accountId: 'acme',
    details: { amount: '10', expiresAt: new Date(grant.expiresAt).toISOString(), reason },
  });
  const budget = { amount: '150', period: 'month' } as const;
  await done(4 * DAY - HOUR, () => accounts.setBudget('acme', budget), {
    action: 'account.budget',
    accountId: 'acme',
    details: { budget },
  });
  const day = { budget: { amount: '5', period: 'day' }, lockedBudget: true } as const;
  await done(
    2 * DAY,
    () => keys.update(key.id, day),
    { action: 'key.update', accountId: 'initech', subject: key.name, details: day },
    'ana',
  );
  const why = 'Card reported stolen';
  await done(
    DAY,
    () => accounts.suspend('umbrella', { reason: why }),
    { action: 'account.suspend', accountId: 'umbrella', details: { reason: why } },
    'ana',
  );
  await done(
    5 * HOUR,
    () => accounts.setPlan('globex', 'pro'),
    { action: 'account.plan', accountId: 'globex', details: { plan: 'pro' } },
    'ana',
  );
  clock.now = today;
}
