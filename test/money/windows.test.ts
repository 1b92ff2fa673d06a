import { describe, expect, test } from 'vitest';
import { createGateway, type GatewayOptions, memoryStore, type ProviderAdapter } from '../../src/index.js';
import { gate } from '../../src/testing/gate.js';
import { assertAccountsBalance, testClock } from '../../src/testing/index.js';
import { testLogger } from '../helpers/test-logger.js';

const CHAT_URL = 'http://gateway.test/v1/chat/completions';
/** One dollar per output token. */
const PRICE = { input: 0, output: 1_000_000 };

/** A gateway on an injected clock; its provider reports `output` tokens, after `passed` where one is given. */
function shopAt(start: string, plan: NonNullable<GatewayOptions['plans']>[string], more: Partial<GatewayOptions> = {}) {
  const clock = testClock(Date.parse(start));
  const store = memoryStore({ now: clock.now });
  let [output, passed] = [0, Promise.resolve()];
  const provider: ProviderAdapter = {
    name: 'test',
    async chat({ model }) {
      const outputTokens = output;
      await passed;
      return {
        completion: {
          id: 'chatcmpl-1',
          object: 'chat.completion',
          created: 1,
          model,
          choices: [
            {
              index: 0,
              message: { role: 'assistant', content: 'Hello!', refusal: null },
              logprobs: null,
              finish_reason: 'stop',
            },
          ],
        },
        usage: {
          inputTokens: 1,
          cachedInputTokens: 0,
          cacheWriteTokens: 0,
          cacheWrite1hTokens: 0,
          outputTokens,
          reasoningTokens: 0,
          source: 'provider',
        },
      };
    },
    stream: () => Promise.reject(new Error('not used')),
  };
  const gateway = createGateway({
    providers: { test: provider },
    models: { small: { provider: 'test', price: PRICE } },
    plans: { pro: plan },
    defaultPlan: 'pro',
    store,
    now: clock.now,
    logger: testLogger,
    ...more,
  });
  const buy = async (dollars: number, uses = dollars, until: Promise<void> = Promise.resolve()) => {
    [output, passed] = [uses, until];
    const response = await gateway.fetchFor({ accountId: 'ann' })(CHAT_URL, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hi.' }], max_tokens: dollars }),
    });
    await response.arrayBuffer();
    return response.status;
  };
  const charged = async () => (await gateway.usage.events({ accountId: 'ann' }))[0]?.charged;
  return { clock, store, gateway, buy, charged };
}

describe('an allowance by the month', () => {
  const plan = { models: '*', billing: 'prepaid', allowance: [{ amount: '10', per: 'month' }] } as const;

  test('is full again with the first millisecond of the month, and says when that is', async () => {
    const { clock, gateway, buy } = shopAt('2028-02-28T10:00:00Z', plan);
    expect(await buy(10)).toBe(200);
    clock.set(Date.parse('2028-02-29T23:59:59.999Z'));
    expect(await buy(1)).toBe(403);
    expect((await gateway.accounts.get('ann'))?.allowances).toMatchObject([
      { used: '10', left: '0', resetsAt: new Date('2028-03-01') },
    ]);
    clock.advance(1);
    expect((await gateway.accounts.get('ann'))?.allowances).toMatchObject([
      { used: '0', left: '10', resetsAt: new Date('2028-04-01') },
    ]);
    expect(await buy(10)).toBe(200);
  });

  test('pays for what a request held before the end of the month; what it costs beyond that is not drawn on it', async () => {
    const { clock, store, gateway, buy, charged } = shopAt('2028-02-29T23:59:59.000Z', plan);
    await gateway.credits.topUp({ accountId: 'ann', amount: '50', idempotencyKey: 'card' });
    const edge = gate();
    const running = buy(4, 6, edge.pass());
    await expect.poll(async () => (await store.meter.audit?.('ann'))?.openHolds.length).toBe(1);
    clock.set(Date.parse('2028-03-01T00:00:10Z'));
    expect(await buy(10)).toBe(200);
    edge.open();
    expect(await running).toBe(200);
    expect(await charged()).toEqual([
      { source: 'allowance', amount: '4' },
      { source: 'balance', amount: '2' },
    ]);
    await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
  });

  test('that was full pays nothing of a request that ends after it; the next month pays what was not held', async () => {
    const { clock, store, gateway, buy, charged } = shopAt('2028-02-29T23:59:59.000Z', plan);
    await gateway.credits.topUp({ accountId: 'ann', amount: '50', idempotencyKey: 'card' });
    expect(await buy(10)).toBe(200);
    const edge = gate();
    const running = buy(4, 6, edge.pass());
    await expect.poll(async () => (await store.meter.audit?.('ann'))?.openHolds.length).toBe(1);
    clock.set(Date.parse('2028-03-01T00:00:10Z'));
    edge.open();
    expect(await running).toBe(200);
    expect(await charged()).toEqual([
      { source: 'allowance', amount: '2' },
      { source: 'balance', amount: '4' },
    ]);
    expect((await gateway.accounts.get('ann'))?.allowances).toMatchObject([{ used: '2', left: '8' }]);
    await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
  });
});

test("an allowance from the account's own day begins on the last day of months without it", async () => {
  const { clock, gateway, buy } = shopAt('2027-12-31T18:00:00Z', {
    models: '*',
    billing: 'prepaid',
    allowance: [{ amount: '10', per: 'month', anchor: 'account' }],
  });
  const resets: unknown[] = [];
  await gateway.accounts.create({ id: 'ann' });
  for (let month = 0; month < 5; month++) {
    expect(await buy(10)).toBe(200);
    const resetsAt = (await gateway.accounts.get('ann'))?.allowances[0]?.resetsAt as Date;
    resets.push(resetsAt.toISOString().slice(0, 10));
    clock.set(resetsAt.getTime() - 1);
    expect(await buy(1)).toBe(403);
    clock.advance(1);
  }
  expect(resets).toEqual(['2028-01-31', '2028-02-29', '2028-03-31', '2028-04-30', '2028-05-31']);
});

test('an allowance of five hours begins with its first use, and has no end before it', async () => {
  const { clock, gateway, buy } = shopAt('2028-02-28T20:00:00Z', {
    models: '*',
    billing: 'prepaid',
    allowance: [{ amount: '4', per: '5h' }],
  });
  await gateway.accounts.create({ id: 'ann' });
  const state = async () => (await gateway.accounts.get('ann'))?.allowances[0];
  expect(await state()).toMatchObject({ left: '4', resetsAt: null });
  clock.set(Date.parse('2028-02-28T22:30:00Z'));
  expect(await buy(4)).toBe(200);
  expect(await state()).toMatchObject({ left: '0', resetsAt: new Date('2028-02-29T03:30:00Z') });
  clock.set(Date.parse('2028-02-29T03:29:59.999Z'));
  expect(await buy(1)).toBe(403);
  clock.advance(1);
  expect(await state()).toMatchObject({ left: '4', resetsAt: null });
  clock.set(Date.parse('2028-02-29T07:00:00Z'));
  expect(await buy(1)).toBe(200);
  expect(await state()).toMatchObject({ left: '3', resetsAt: new Date('2028-02-29T12:00:00Z') });
});

test('available counts the budgets that are configured for every account', async () => {
  const { clock, gateway, buy } = shopAt(
    '2028-02-29T20:00:00Z',
    { models: '*', billing: 'prepaid' },
    { budgets: [{ subject: 'account', amount: '5', per: 'month' }] },
  );
  await gateway.credits.topUp({ accountId: 'ann', amount: '50', idempotencyKey: 'card' });
  expect(await gateway.accounts.get('ann')).toMatchObject({ available: '5' });
  expect(await buy(3)).toBe(200);
  expect(await gateway.accounts.get('ann')).toMatchObject({ available: '2', balance: '47' });
  await gateway.accounts.setBudget('ann', { amount: '4', period: 'day' });
  expect(await gateway.accounts.get('ann')).toMatchObject({ available: '2' });
  clock.set(Date.parse('2028-03-01T00:00:00Z'));
  expect(await gateway.accounts.get('ann')).toMatchObject({ available: '4' });
});

test('only windows that begin with use refuse an anchor', () => {
  const planWith = (per: 'month' | 'week' | '5h' | '7d') => () =>
    shopAt('2028-02-29T20:00:00Z', { models: '*', allowance: [{ amount: '1', per, anchor: 'account' }] });
  expect(planWith('month')).not.toThrow();
  expect(planWith('week')).not.toThrow();
  expect(planWith('5h')).toThrow("plans.pro.allowance[0].anchor is for days, weeks and months: '5h' begins with use");
  expect(planWith('7d')).toThrow('anchor');
});
