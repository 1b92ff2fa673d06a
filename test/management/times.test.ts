import { afterAll, expect, test } from 'vitest';
import { createGateway, memoryStore, openai } from '../../src/index.js';
import type { Duration } from '../../src/lib/duration.js';
import type { Time } from '../../src/management/management.js';

const OPTIONS = {
  providers: { openai: openai({ apiKey: 'sk-upstream' }) },
  models: { small: { provider: 'openai', price: { input: 1, output: 1 } } },
  plans: { pro: { models: '*', billing: 'prepaid' } },
  defaultPlan: 'pro',
} as const;
const gateway = createGateway({ ...OPTIONS, store: memoryStore() });
const { accounts, credits, keys, maintenance, promoCodes, usage } = gateway;

afterAll(() => gateway.close());

test.each<unknown>([
  ...['', '1', 'foo 1', 'tomorrow', '2027-02-30', '2027-02-29T00:00:00Z'],
  ...[Number.NaN, Number.POSITIVE_INFINITY, 1e300, 9e15, new Date(Number.NaN), null, true, {}, []],
])('%j is refused as no time by its field, wherever it is given', async (value) => {
  const time = value as Time;
  const ways = [
    [() => keys.create({ accountId: 'ann', name: 'k', expiresAt: time }), 'expiresAt'],
    [() => credits.grant({ accountId: 'ann', amount: '1', idempotencyKey: 'g', expiresAt: time }), 'expiresAt'],
    [() => accounts.create({ id: 'ann', grant: { amount: '1', expiresAt: time } }), 'grant.expiresAt'],
    [() => promoCodes.create({ code: 'OTHER', amount: '1', expiresAt: time }), 'expiresAt'],
    [() => usage.query({ from: time, groupBy: ['model'] }), 'from'],
    [() => usage.events({ accountId: 'ann', to: time }), 'to'],
    [() => maintenance.prune({ eventsBefore: time }), 'eventsBefore'],
  ] as const;
  for (const [way, param] of ways) {
    await expect((async () => way())(), param).rejects.toMatchObject({ code: 'invalid_value', param });
  }
});

test('what would have ended before it begins is refused by its field, and nothing is made', async () => {
  const now = Date.now();
  const { record: kept } = await keys.create({ accountId: 'gail', name: 'k' });
  for (const expiresAt of [new Date(now - 1), now - 86_400_000, '2026-01-01', 0]) {
    const grant = { amount: '1', expiresAt };
    const ways = [
      [credits.grant({ accountId: 'bob', idempotencyKey: 'g', ...grant }), 'expiresAt'],
      [accounts.create({ id: 'cleo', grant }), 'grant.expiresAt'],
      [promoCodes.create({ code: 'LATE', ...grant }), 'expiresAt'],
      [keys.create({ accountId: 'finn', name: 'k', expiresAt }), 'expiresAt'],
      [keys.update(kept.id, { expiresAt }), 'expiresAt'],
    ] as const;
    for (const [way, param] of ways)
      await expect(way, param).rejects.toMatchObject({
        code: 'invalid_value',
        param,
        message: `Invalid value for '${param}': it must be in the future.`,
      });
  }
  for (const id of ['cleo', 'finn']) await expect(accounts.get(id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await keys.get(kept.id)).toMatchObject({ expiresAt: null });
  expect(await credits.history('bob')).toEqual([]);
  expect(await promoCodes.list()).toEqual([]);
});

test('what is still to come is not pruned: sessions and requests that count would go', async () => {
  const soon = Date.now() + 60_000;
  const session = await gateway.sessions.create({ accountId: 'ann', ttl: '1s' });
  for (const param of ['eventsBefore', 'requestsBefore', 'sessionsBefore', 'holdsBefore'])
    await expect(maintenance.prune({ [param]: soon }), param).rejects.toMatchObject({ code: 'invalid_value', param });
  expect(await gateway.sessions.list('ann')).toMatchObject([{ id: session.id }]);
});

test.each(['1 day', '-1d', '36526d', '999999999d', Number.MAX_SAFE_INTEGER, 1.5])(
  'keys do not overlap for %s, and no new one is made',
  async (duration) => {
    const { record } = await keys.create({ accountId: 'hugo', name: 'k' });
    const rotated = keys.rotate(record.id, { overlap: duration as Duration });
    await expect(rotated).rejects.toMatchObject({ code: 'invalid_value', param: 'overlap' });
    expect((await keys.get(record.id)).expiresAt).toBeNull();
  },
);

test.each(['30 days', '0d', '-1d', '36526d', '999999999d', Number.POSITIVE_INFINITY])(
  'credit of a promo code can not expire after %s',
  async (duration) => {
    const creditExpiresAfter = duration as Duration;
    const created = promoCodes.create({ code: 'LONG', amount: '1', creditExpiresAfter });
    await expect(created).rejects.toMatchObject({ code: 'invalid_value', param: 'creditExpiresAfter' });
  },
);

test('sign-up credit that was given stays given when it is asked for again after its end', async () => {
  let at = Date.UTC(2026, 0, 1);
  const shop = createGateway({ ...OPTIONS, store: memoryStore(), now: () => at });
  const grant = { amount: '1', expiresAt: at + 1_000 };
  expect(await shop.accounts.create({ id: 'dora', grant })).toMatchObject({ available: '1' });
  await shop.accounts.create({ id: 'emil' });
  at += 1_000;
  expect(await shop.accounts.create({ id: 'dora', grant })).toMatchObject({ available: '0' });
  await expect(shop.accounts.create({ id: 'emil', grant })).rejects.toMatchObject({ param: 'grant.expiresAt' });
  await shop.close();
});

test.each<[Time, string]>([
  ['2099-01-31', '2099-01-31T00:00:00.000Z'],
  [new Date(Date.UTC(2099, 0, 31)), '2099-01-31T00:00:00.000Z'],
  [Date.UTC(2099, 0, 31) + 0.75, '2099-01-31T00:00:00.000Z'],
])('%j is a time', async (expiresAt, expected) => {
  const { record } = await keys.create({ accountId: 'ann', name: 'k', expiresAt });
  expect(record.expiresAt?.toISOString()).toBe(expected);
});
