import { describe, expect, test } from 'vitest';
import { gate } from '../../src/testing/gate.js';
import { holdFor, type MoneyGateway, PRICE, startMoneyGateway, until } from '../helpers/money-gateway.js';
import { completionReply } from '../helpers/openai-replies.js';

/** A request that names no output limit. */
const UNSET = { max_tokens: undefined };
const MANY = 1_000_000_000n;

/** The output limit that reached the provider. */
function limitSent({ upstream }: MoneyGateway, index = 0): unknown {
  const sent = upstream.requests[index]?.json as Record<string, unknown>;
  return sent['max_completion_tokens'] ?? sent['max_tokens'];
}

describe('a request that names no output limit', () => {
  test('is sent with the output that the balance affords', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(holdFor(500, UNSET) + 1_999n);
    expect((await customer.post(UNSET)).status).toBe(200);
    expect(limitSent(gateway)).toBe(500);
    await gateway.finish();
  });

  test('is sent with at most 8,192 tokens, so that one request does not tie up a whole balance', async () => {
    const barrier = gate();
    const gateway = await startMoneyGateway(() => barrier.pass().then(() => completionReply()));
    const customer = await gateway.account(3n * holdFor(8_192, UNSET));
    const posts = [1, 2, 3].map(() => customer.post(UNSET));
    await until(() => gateway.upstream.requests.length === 3);
    expect(gateway.meter.balance(customer.id).held).toBe(3n * holdFor(8_192, UNSET));
    barrier.open();
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect([0, 1, 2].map((index) => limitSent(gateway, index))).toEqual([8_192, 8_192, 8_192]);
    await gateway.finish();
  });

  test('is refused when not even 64 tokens are affordable', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const enough = await gateway.account(holdFor(64, UNSET));
    const tooLittle = await gateway.account(holdFor(64, UNSET) - 1n);
    expect((await enough.post(UNSET)).status).toBe(200);
    expect(limitSent(gateway)).toBe(64);
    expect((await tooLittle.post(UNSET)).status).toBe(403);
    await gateway.finish();
  });

  test('is bounded by the limits that the operator sets', async () => {
    const gateway = await startMoneyGateway(() => completionReply(), { outputLimits: { unset: 300, minimum: 200 } });
    const [rich, poor] = [await gateway.account(MANY), await gateway.account(holdFor(199, UNSET))];
    await rich.post(UNSET);
    expect(limitSent(gateway)).toBe(300);
    expect((await poor.post(UNSET)).status).toBe(403);
    await gateway.finish();
  });

  test('is bounded by the model', async () => {
    const models = { small: { provider: 'openai', price: PRICE, maxOutputTokens: 50 } };
    const gateway = await startMoneyGateway(() => completionReply(), { models });
    const customer = await gateway.account(MANY);
    await customer.post(UNSET);
    expect(limitSent(gateway)).toBe(50);
    await gateway.finish();
  });

  test('shares what is affordable between its answers', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const body = { ...UNSET, n: 4 };
    const customer = await gateway.account(holdFor(1_003, body));
    await customer.post(body);
    expect(limitSent(gateway)).toBe(250);
    await gateway.finish();
  });

  test('is sent as it is on a metered plan', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(0n, { plan: 'metered' });
    expect((await customer.post(UNSET)).status).toBe(200);
    expect(limitSent(gateway)).toBeUndefined();
    await gateway.finish();
  });

  test('is sent with what the budget of its key affords', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const budget = { amount: `0.00${String(holdFor(100, UNSET)).padStart(7, '0')}`, period: 'total' } as const;
    const customer = await gateway.account(MANY, { budget });
    await customer.post(UNSET);
    expect(limitSent(gateway)).toBe(100);
    await gateway.finish();
  });
});

describe('a request that names its output limit', () => {
  test('is never made smaller: it is affordable as a whole or refused', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const [exact, short] = [await gateway.account(holdFor(100)), await gateway.account(holdFor(100) - 1n)];
    expect((await exact.post()).status).toBe(200);
    expect((await short.post()).status).toBe(403);
    expect(limitSent(gateway)).toBe(100);
    await gateway.finish();
  });

  test('is held for with all its answers', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const body = { n: 3 };
    const [exact, short] = [await gateway.account(holdFor(300, body)), await gateway.account(holdFor(300, body) - 1n)];
    expect((await exact.post(body)).status).toBe(200);
    expect((await short.post(body)).status).toBe(403);
    await gateway.finish();
  });

  test('is held for at the highestCost of its targets, and charged at the one that answered', async () => {
    const dear = { input: 10, output: 20 };
    const models = {
      small: { price: PRICE, targets: [{ provider: 'openai' }, { provider: 'openai', model: 'dear', price: dear }] },
    };
    const gateway = await startMoneyGateway(() => completionReply(), { models });
    const exact = await gateway.account(10n * holdFor(100));
    const short = await gateway.account(10n * holdFor(100) - 1n);
    expect((await exact.post()).status).toBe(200);
    expect((await short.post()).status).toBe(403);
    await gateway.finish();
    expect(exact.balance()).toBe(10n * holdFor(100) - 50_000n);
  });
});
