import { afterAll, expect, test } from 'vitest';
import { createGateway, memoryStore, openai } from '../../src/index.js';
import type { Time } from '../../src/management/management.js';

const gateway = createGateway({
  providers: { openai: openai({ apiKey: 'sk-upstream' }) },
  models: { small: { provider: 'openai', price: { input: 1, output: 1 } } },
  plans: { pro: { models: '*', billing: 'prepaid' } },
  defaultPlan: 'pro',
  store: memoryStore(),
});
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

test.each<[Time, string]>([
  ['2099-01-31', '2099-01-31T00:00:00.000Z'],
  [new Date(Date.UTC(2099, 0, 31)), '2099-01-31T00:00:00.000Z'],
  [Date.UTC(2099, 0, 31) + 0.75, '2099-01-31T00:00:00.000Z'],
])('%j is a time', async (expiresAt, expected) => {
  const { record } = await keys.create({ accountId: 'ann', name: 'k', expiresAt });
  expect(record.expiresAt?.toISOString()).toBe(expected);
});
