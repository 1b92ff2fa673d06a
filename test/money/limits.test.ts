import { describe, expect, test } from 'vitest';
import { memoryRateLimiter } from '../../src/index.js';
import { gate } from '../../src/testing/gate.js';
import { testClock } from '../../src/testing/test-clock.js';
import { holdFor, type MoneyGateway, startMoneyGateway, until } from '../helpers/money-gateway.js';
import { completionReply } from '../helpers/openai-replies.js';

const DAY = 86_400_000;
const MONEY = 1_000_000_000n;

describe('the budget of a key', () => {
  test.each([
    { period: 'day', start: Date.UTC(2026, 9, 15, 23, 59), next: 60_000 },
    { period: 'week', start: Date.UTC(2026, 10, 22, 23, 59), next: 60_000 },
    { period: 'month', start: Date.UTC(2026, 9, 31, 23, 59), next: 60_000 },
    { period: 'total', start: Date.UTC(2026, 11, 31, 23, 59), next: undefined },
  ] as const)('per $period refuses what is beyond it', async ({ period, start, next }) => {
    const clock = testClock(start);
    const gateway = await startMoneyGateway(() => completionReply(), { now: clock.now });
    const spent = 50_000n;
    const limit = holdFor(100) + spent;
    const customer = await gateway.account(MONEY, { budget: { amount: usd(limit), period } });
    const post = async () => {
      const { status, text } = await customer.post();
      return status === 200 ? 'ok' : JSON.parse(text).error.code;
    };
    expect([await post(), await post(), await post()]).toEqual(['ok', 'ok', 'budget_exceeded']);
    clock.advance((next ?? 400 * DAY) - 1);
    expect(await post()).toBe('budget_exceeded');
    clock.advance(1);
    expect(await post()).toBe(next === undefined ? 'budget_exceeded' : 'ok');
    expect(gateway.upstream.requests).toHaveLength(next === undefined ? 2 : 3);
    await gateway.finish();
  });

  test('holds on a metered plan too, and under many requests at once', async () => {
    const barrier = gate();
    const gateway = await startMoneyGateway(() => barrier.pass().then(() => completionReply()));
    const budget = { amount: usd(5n * holdFor(100)), period: 'total' } as const;
    const customer = await gateway.account(0n, { plan: 'metered', budget });
    let refused = 0;
    const posts = Array.from({ length: 40 }, async () => {
      const { status } = await customer.post();
      if (status === 403) refused++;
      return status;
    });
    await until(() => refused === 35);
    barrier.open();
    expect((await Promise.all(posts)).filter((status) => status === 200)).toHaveLength(5);
    await gateway.finish();
  });
});

describe('the limits of a plan', () => {
  function limited(limits: object, script = () => completionReply()): Promise<MoneyGateway> {
    const plans = { prepaid: { models: '*', billing: 'prepaid', limits } } as const;
    return startMoneyGateway(script, { plans, rateLimiter: memoryRateLimiter({ now: testClock().now }) });
  }

  test('name themselves in the 429 and hold nothing', async () => {
    const gateway = await limited({ requestsPerMinute: 2 });
    const customer = await gateway.account(MONEY);
    expect([(await customer.post()).status, (await customer.post()).status]).toEqual([200, 200]);
    const refused = await customer.post();
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.text).error).toMatchObject({ code: 'rate_limit_exceeded', type: 'requests' });
    expect(refused.headers).toMatchObject({
      'retry-after': '30',
      'retry-after-ms': '30000',
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m0s',
    });
    expect(gateway.meter.balance(customer.id)).toEqual({ balance: MONEY - 100_000n, held: 0n });
    await gateway.finish();
  });

  test('take an estimate of tokens before the answer and the real figure after it', async () => {
    const gateway = await limited({ tokensPerMinute: 1_000 });
    const customer = await gateway.account(MONEY);
    const first = await customer.post();
    const estimate = 1_000 - Number(first.headers['x-ratelimit-remaining-tokens']);
    expect(estimate).toBeGreaterThan(100);
    const second = await customer.post();
    expect(second.headers['x-ratelimit-remaining-tokens']).toBe(String(1_000 - 30 - estimate));
    await gateway.finish();
  });

  test('count what an answer used beyond its estimate', async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 1_990, total_tokens: 2_000 };
    const gateway = await limited({ tokensPerMinute: 1_000 }, () => completionReply(usage));
    const customer = await gateway.account(MONEY);
    expect((await customer.post()).status).toBe(200);
    const refused = await customer.post();
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.text).error.type).toBe('tokens');
    expect(refused.headers['retry-after']).toBe('60');
    await gateway.finish();
  });

  test('answer 400, not 429 for ever, to a request larger than the whole bucket', async () => {
    const gateway = await limited({ tokensPerMinute: 1_000 });
    const customer = await gateway.account(MONEY);
    const refused = await customer.post({ max_tokens: 1_000 });
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text).error.code).toBe('tokens_exceed_limit');
    expect(refused.headers['retry-after']).toBeUndefined();
    expect((await customer.post({ max_tokens: 100 })).status).toBe(200);
    await gateway.finish();
  });

  test('bound the requests at the same time, for the keys of an account together', async () => {
    const barrier = gate();
    const gateway = await limited(
      { concurrentRequests: 2 },
      () => barrier.pass().then(() => completionReply()) as never,
    );
    const customer = await gateway.account(MONEY);
    let refused = 0;
    const posts = Array.from({ length: 10 }, async () => {
      const seen = await customer.post();
      if (seen.status === 429) refused++;
      return seen;
    });
    await until(() => refused === 8);
    barrier.open();
    const seen = await Promise.all(posts);
    expect(seen.filter(({ status }) => status === 200)).toHaveLength(2);
    const limitedOne = seen.find(({ status }) => status === 429);
    expect(JSON.parse(limitedOne?.text ?? '').error.type).toBe('concurrency');
    expect(limitedOne?.headers['retry-after']).toBe('1');
    expect((await customer.post()).status).toBe(200);
    await gateway.finish();
  });

  test('of a key stand beside those of its plan: the tighter one shows', async () => {
    const gateway = await limited({ requestsPerMinute: 100 });
    const customer = await gateway.account(MONEY, { limits: { requestsPerMinute: 1 } });
    expect((await customer.post()).headers).toMatchObject({
      'x-ratelimit-limit-requests': '1',
      'x-ratelimit-remaining-requests': '0',
    });
    expect((await customer.post()).status).toBe(429);
    await gateway.finish();
  });

  test('give back what a request took that the balance does not cover', async () => {
    const gateway = await limited({ tokensPerMinute: 1_000, concurrentRequests: 1 });
    const customer = await gateway.account(0n);
    for (let i = 0; i < 20; i++) expect((await customer.post()).status).toBe(403);
    await gateway.finish();
  });
});

describe('promo codes', () => {
  test('are unknown, expired, exhausted or already used, each with its own error', async () => {
    const clock = testClock();
    const { gateway, finish } = await startMoneyGateway(() => completionReply(), { now: clock.now });
    await gateway.promoCodes.create({ code: 'ONE', amount: '5', maxRedemptions: 1 });
    await gateway.promoCodes.create({ code: 'SOON', amount: '5', expiresAt: new Date(clock.now() + 1_000) });
    const redeem = (accountId: string, code: string) =>
      gateway.credits.redeem({ accountId, code }).then(
        (movement) => movement.amount,
        (error) => error.code,
      );
    expect(await redeem('a', 'NONE')).toBe('promo_code_unknown');
    expect(await redeem('a', 'ONE')).toBe('5');
    expect(await redeem('a', 'ONE')).toBe('promo_code_already_used');
    expect(await redeem('b', 'ONE')).toBe('promo_code_exhausted');
    clock.advance(1_000);
    expect(await redeem('b', 'SOON')).toBe('promo_code_expired');
    await finish();
  });

  test('and top-ups are given once, however often they are asked for at once', async () => {
    const { gateway, finish } = await startMoneyGateway(() => completionReply());
    await gateway.promoCodes.create({ code: 'HELLO', amount: '5', maxRedemptions: 3 });
    const topUp = () => gateway.credits.topUp({ accountId: 'a', amount: '10', idempotencyKey: 'stripe:evt_1' });
    const movements = await Promise.all(Array.from({ length: 10 }, topUp));
    expect(new Set(movements.map(({ id }) => id)).size).toBe(1);
    const redeemed = await Promise.allSettled(
      Array.from({ length: 800 }, (_, i) => gateway.credits.redeem({ accountId: `user_${i % 20}`, code: 'HELLO' })),
    );
    expect(redeemed.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await gateway.accounts.get('a')).toMatchObject({ balance: '10' });
    const conflict = gateway.credits.topUp({ accountId: 'a', amount: '11', idempotencyKey: 'stripe:evt_1' });
    await expect(conflict).rejects.toMatchObject({ code: 'idempotency_conflict' });
    await finish();
  });
});

function usd(nano: bigint): string {
  return `0.${String(nano).padStart(9, '0')}`;
}
