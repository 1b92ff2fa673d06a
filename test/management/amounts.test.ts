import { describe, expect, test } from 'vitest';
import { createGateway, memoryStore, openai } from '../../src/index.js';

const MOST = '9223372036.854775807';

/** A gateway whose account `full` has as much as a balance can hold, and whose account `bare` as little. */
async function startGateway() {
  const gateway = createGateway({
    providers: { openai: openai({ apiKey: 'sk-upstream' }) },
    models: { small: { provider: 'openai', price: { input: 1, output: 1 } } },
    plans: { pro: { models: '*', billing: 'prepaid' } },
    defaultPlan: 'pro',
    store: memoryStore(),
  });
  const { adjust, topUp } = gateway.credits;
  await topUp({ accountId: 'full', amount: MOST, idempotencyKey: 'all' });
  await adjust({ accountId: 'bare', amount: `-${MOST}`, idempotencyKey: 'all', allowNegative: true });
  await gateway.promoCodes.create({ code: 'WELCOME', amount: '5' });
  return gateway;
}

describe('an amount that is no amount', () => {
  const bad = ['', '5,00', '5.', '.5', '+5', '0x10', '1e3', '1E-3', '0.0000000001', '9223372036.854775808', '９'];
  const worse = [Number.NaN, Number.POSITIVE_INFINITY, 1e-10, 1e21, true, null, undefined, {}, [], 5n];

  test.each([...bad, ...worse])('%s is refused by its field, wherever it is given', async (value) => {
    const { accounts, close, credits, promoCodes } = await startGateway();
    const amount = value as string;
    const idempotencyKey = 'once';
    const refused = (param: string) => ({ name: 'GatewayError', code: 'invalid_value', param });
    const ways = [
      [credits.topUp({ accountId: 'ann', amount, idempotencyKey }), 'amount'],
      [credits.adjust({ accountId: 'ann', amount, idempotencyKey }), 'amount'],
      [credits.grant({ accountId: 'ann', amount, idempotencyKey }), 'amount'],
      [promoCodes.create({ code: 'OTHER', amount }), 'amount'],
      [accounts.create({ id: 'ann', grant: { amount } }), 'grant.amount'],
      [accounts.setBudget('ann', { amount, period: 'month' }), 'budget.amount'],
    ] as const;
    for (const [way, param] of ways) await expect(way, param).rejects.toMatchObject(refused(param));
    await expect(accounts.get('ann')).rejects.toMatchObject({ code: 'not_found' });
    await close();
  });
});

test('an amount that is too large is told the largest there is', async () => {
  const { close, credits } = await startGateway();
  const added = credits.topUp({ accountId: 'ann', amount: '9223372036.854775808', idempotencyKey: 'once' });
  await expect(added).rejects.toMatchObject({
    message: `Invalid value for 'amount': it is not an amount in USD with at most nine decimals, up to ${MOST}.`,
  });
  await close();
});

test.each([
  { grant: { amount: '-1' }, param: 'grant.amount' },
  { grant: { amount: '0' }, param: 'grant.amount' },
  { grant: { amount: '1', expiresAt: new Date(Number.NaN) }, param: 'grant.expiresAt' },
  { grant: { amount: '1', reason: '' }, param: 'grant.reason' },
])('an account is not created with a wrong $param', async ({ grant, param }) => {
  const { accounts, close } = await startGateway();
  await expect(accounts.create({ id: 'ann', grant })).rejects.toMatchObject({ code: 'invalid_value', param });
  await expect(accounts.get('ann')).rejects.toMatchObject({ code: 'not_found' });
  await close();
});

test('a balance that can not be kept is refused by the field that would make it, and nothing is taken', async () => {
  const { accounts, close, credits, promoCodes } = await startGateway();
  const refused = (param: string) => ({ name: 'GatewayError', code: 'invalid_value', param });
  const nano = { amount: '0.000000001', idempotencyKey: 'more' };
  await expect(credits.topUp({ accountId: 'full', ...nano })).rejects.toMatchObject(refused('amount'));
  await expect(credits.adjust({ accountId: 'full', ...nano })).rejects.toMatchObject(refused('amount'));
  const less = { amount: '-0.000000001', idempotencyKey: 'less', allowNegative: true };
  await expect(credits.adjust({ accountId: 'bare', ...less })).rejects.toMatchObject(refused('amount'));
  await expect(credits.redeem({ accountId: 'full', code: 'WELCOME' })).rejects.toMatchObject(refused('code'));
  expect(await promoCodes.list()).toMatchObject([{ code: 'WELCOME', redemptions: 0 }]);
  expect(await accounts.get('full')).toMatchObject({ balance: MOST });
  expect(await accounts.get('bare')).toMatchObject({ balance: `-${MOST}` });
  await close();
});
