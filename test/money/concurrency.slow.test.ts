import { describe, expect, test } from 'vitest';
import { gate } from '../../src/testing/gate.js';
import { holdFor, startMoneyGateway, until } from '../helpers/money-gateway.js';
import { completionReply } from '../helpers/openai-replies.js';

const COST = 50_000n;

describe('a balance under many requests at once', () => {
  test.each([
    { requests: 200, affordable: 10 },
    { requests: 1_000, affordable: 1 },
  ])('that affords $affordable lets exactly $affordable of $requests through', async ({ requests, affordable }) => {
    const barrier = gate();
    const { account, meter, upstream, finish } = await startMoneyGateway(async () => {
      await barrier.pass();
      return completionReply();
    });
    const start = holdFor(100) * BigInt(affordable);
    const customer = await account(start);
    let answered = 0;
    let samples = 0;
    let lowest = start;
    const posts = Array.from({ length: requests }, async () => {
      const seen = await customer.post();
      answered++;
      return seen;
    });
    const sampling = until(() => {
      const { balance, held } = meter.balance(customer.id);
      if (balance - held < lowest) lowest = balance - held;
      samples++;
      if (answered === requests - affordable) barrier.open();
      return answered === requests;
    });
    const seen = await Promise.all(posts);
    await sampling;

    expect(seen.filter(({ status }) => status === 200)).toHaveLength(affordable);
    const refused = seen.filter(({ status }) => status === 403);
    expect(refused).toHaveLength(requests - affordable);
    for (const { text, headers } of refused) {
      expect(JSON.parse(text).error).toMatchObject({ code: 'insufficient_balance', type: 'insufficient_quota' });
      expect(headers['x-should-retry']).toBe('false');
    }
    expect(upstream.requests).toHaveLength(affordable);
    expect(samples).toBeGreaterThan(10);
    expect(lowest).toBe(0n);
    expect(customer.balance()).toBe(start - COST * BigInt(affordable));
    await finish();
  });

  test('of 500 accounts with 20 requests each is exact to the nano-USD', async () => {
    const script = (request: { json: unknown }) => {
      const { max_tokens } = request.json as { max_tokens: number };
      return completionReply({ prompt_tokens: 1, completion_tokens: max_tokens, total_tokens: 1 + max_tokens });
    };
    const { account, meter, finish } = await startMoneyGateway(script);
    const customers = await Promise.all(Array.from({ length: 500 }, () => account(1_000_000_000n)));
    const jobs = customers.flatMap((customer, i) =>
      Array.from({ length: 20 }, (_, n) => ({ customer, tokens: 1 + ((i + n) % 97) })),
    );
    const workers = Array.from({ length: 100 }, async (_, worker) => {
      for (let i = worker; i < jobs.length; i += 100) {
        const { customer, tokens } = jobs[i] as (typeof jobs)[number];
        expect((await customer.post({ max_tokens: tokens })).status).toBe(200);
      }
    });
    await Promise.all(workers);
    for (const [i, customer] of customers.entries()) {
      let spent = 0n;
      for (let n = 0; n < 20; n++) spent += 1_000n + 2_000n * BigInt(1 + ((i + n) % 97));
      expect(meter.balance(customer.id)).toEqual({ balance: 1_000_000_000n - spent, held: 0n });
    }
    await finish();
  }, 120_000);
});
