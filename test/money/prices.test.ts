import { describe, expect, test } from 'vitest';
import type { GatewayOptions, Price } from '../../src/index.js';
import { startMoneyGateway } from '../helpers/money-gateway.js';
import { completionReply, SAMPLE_USAGE } from '../helpers/openai-replies.js';

const MONEY = 10_000_000_000n;

async function chargeOf(price: Price, usage: object, options: Partial<GatewayOptions> = {}): Promise<bigint> {
  const models = { small: { provider: 'openai', price } };
  const gateway = await startMoneyGateway(() => completionReply(usage), { models, ...options });
  const customer = await gateway.account(MONEY);
  expect((await customer.post()).status).toBe(200);
  await gateway.finish();
  return MONEY - customer.balance();
}

describe('a charge', () => {
  test('counts cached and reasoning tokens at their own prices, and none of them twice', async () => {
    const usage = {
      ...SAMPLE_USAGE,
      prompt_tokens_details: { cached_tokens: 8 },
      completion_tokens_details: { reasoning_tokens: 5 },
    };
    const price = { input: 1, cachedInput: 0.1, output: 2, reasoning: 3 };
    expect(await chargeOf(price, usage)).toBe(2n * 1_000n + 8n * 100n + 15n * 2_000n + 5n * 3_000n);
  });

  test('is rounded up once', async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
    expect(await chargeOf({ input: '0.0375', output: '0.0001' }, usage)).toBe(113n);
  });

  test('of a long input is that of its tier', async () => {
    const price = { input: 1, output: 2, tiers: [{ aboveInputTokens: 20, input: 10, output: 20 }] };
    const usage = (prompt: number) => ({ prompt_tokens: prompt, completion_tokens: 1, total_tokens: prompt + 1 });
    expect(await chargeOf(price, usage(20))).toBe(20n * 1_000n + 2_000n);
    expect(await chargeOf(price, usage(21))).toBe(21n * 10_000n + 20_000n);
  });

  test.each([
    { factor: 1.5, charge: 75_000n },
    { factor: '0.000001', charge: 1n },
    { factor: 0, charge: 0n },
  ])('on a plan with the factor $factor is $charge nano-USD', async ({ factor, charge }) => {
    const plans = { prepaid: { models: '*', billing: 'prepaid', priceMultiplier: factor } } as const;
    expect(await chargeOf({ input: 1, output: 2 }, SAMPLE_USAGE, { plans })).toBe(charge);
  });

  test('of a free model is recorded without any money', async () => {
    const models = { small: { provider: 'openai', price: { input: 0, output: 0 } } };
    const gateway = await startMoneyGateway(() => completionReply(), { models });
    const customer = await gateway.account(0n);
    expect((await customer.post()).status).toBe(200);
    await gateway.finish();
    expect(gateway.meter.usage({ accountId: customer.id, groupBy: [] })[0]).toMatchObject({ requests: 1, cost: 0n });
  });

  test('on a metered plan is recorded and takes nothing', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(5n, { plan: 'metered' });
    expect((await customer.post()).status).toBe(200);
    await gateway.finish();
    expect(customer.balance()).toBe(5n);
    expect(gateway.meter.usage({ accountId: customer.id, groupBy: [] })[0]?.cost).toBe(50_000n);
  });

  test('is shown in USD, as a decimal', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    await gateway.gateway.credits.topUp({ accountId: 'user_9', amount: '10.00', idempotencyKey: 'stripe:evt_1' });
    expect(await gateway.gateway.accounts.get('user_9')).toMatchObject({ balance: '10', held: '0' });
    const customer = await gateway.account(MONEY);
    await customer.post();
    const [row] = await gateway.gateway.usage.query({ accountId: customer.id, groupBy: ['model'] });
    expect(row).toMatchObject({ model: 'small', requests: 1, totalTokens: 30, cost: '0.00005' });
    const [movement] = await gateway.gateway.credits.history(customer.id);
    expect(movement).toMatchObject({ kind: 'usage', amount: '-0.00005', balanceAfter: '9.99995' });
    await gateway.finish();
  });
});
