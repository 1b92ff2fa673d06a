import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { createGateway, type Gateway, type GatewayOptions, openai, type UsageEvent } from '../../src/index.js';
import { type FakeUpstream, fakeUpstream, gate } from '../../src/testing/index.js';

let upstream: FakeUpstream;
let gateway: Gateway;
let events: UsageEvent[];
let logged: string[];

const collectGarbage = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

async function start(options: Partial<GatewayOptions> = {}): Promise<string> {
  upstream = await fakeUpstream({ answer: { usage: { input: 1_000, output: 0 } } });
  [events, logged] = [[], []];
  const log = (_: object, message: string) => void logged.push(message);
  gateway = createGateway({
    providers: { openai: openai(upstream.openai) },
    models: { m: { provider: 'openai', price: { input: 1, output: 0 } } },
    plans: { free: { models: '*' } },
    logger: { debug: log, info: log, warn: log, error: log },
    onUsage: (event) => void events.push(event),
    ...options,
  });
  const { key } = await gateway.keys.create({ accountId: 'a', name: 'k' });
  return key;
}

afterEach(async () => {
  await gateway.close({ deadlineMs: 0 });
  await upstream.close();
});

function ask(key: string, model = 'm', stream = false): Promise<Response> {
  return gateway.fetch(
    new Request('http://gateway.test/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hi' }] }),
    }),
  );
}

async function listed(key: string): Promise<string[]> {
  const request = new Request('http://gateway.test/v1/models', { headers: { authorization: `Bearer ${key}` } });
  const { data } = (await (await gateway.fetch(request)).json()) as { data: { id: string }[] };
  return data.map(({ id }) => id);
}

const at = (input: number): GatewayOptions['models'] => ({ m: { provider: 'openai', price: { input, output: 0 } } });

it('holds from the next request on', async () => {
  const key = await start();
  await ask(key);

  await gateway.configure({ models: at(3), plans: { free: { models: '*', priceMultiplier: 2 } } });
  await ask(key);

  expect(events.map(({ cost }) => cost)).toEqual([1_000_000n, 6_000_000n]);
});

it('lets a running stream end at the prices it began with, on a model that is gone', async () => {
  const key = await start();
  const held = gate();
  upstream.answer({ text: ['a', held, 'b'], usage: { input: 1_000, output: 0 } });
  const answer = await ask(key, 'm', true);
  await held.reached;

  await gateway.configure({ models: { other: { provider: 'openai', price: { input: 9, output: 9 } } } });
  held.open();

  expect(await answer.text()).toContain('[DONE]');
  expect(events).toMatchObject([{ model: 'm', cost: 1_000_000n }]);
  expect((await ask(key)).status).toBe(404);
});

it('charges a request by one configuration, whenever the rest of its body arrives', async () => {
  const key = await start();
  let arrive: (body: Uint8Array) => void = () => {};
  const body = new Promise<Uint8Array>((resolve) => {
    arrive = resolve;
  });
  const answer = gateway.handle({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: () => body,
    signal: new AbortController().signal,
  });

  await gateway.configure({ models: at(5), plans: { free: { models: '*', priceMultiplier: 7 } } });
  arrive(new TextEncoder().encode('{"model":"m","messages":[{"role":"user","content":"Hi"}]}'));

  expect((await answer).status).toBe(200);
  expect(events).toMatchObject([{ cost: 1_000_000n }]);
});

it('shows nothing of what is gone', async () => {
  const key = await start({
    models: { ...at(1), old: { provider: 'openai', model: 'gpt-old', price: { input: 1, output: 1 } } },
    plans: { free: { models: '*' }, gold: { models: ['old'] } },
    defaultPlan: 'free',
  });

  await gateway.configure({
    models: { ...at(1), fresh: { provider: 'openai', model: 'gpt-new', price: { input: 1, output: 1 } } },
    plans: { free: { models: '*' }, silver: { models: ['fresh'] } },
  });

  expect(await listed(key)).toEqual(['m', 'fresh']);
  expect((await gateway.models.list()).map(({ id }) => id)).toEqual(['m', 'fresh']);
  expect(gateway.plans).toEqual(['free', 'silver']);
  expect(gateway.health().map(({ target }) => target)).toEqual(['openai/m', 'openai/gpt-new']);
  await expect(gateway.accounts.setPlan('a', 'gold')).rejects.toMatchObject({ param: 'plan' });
  expect(await gateway.accounts.setPlan('a', 'silver')).toMatchObject({ plan: 'silver' });
  await expect(gateway.keys.create({ accountId: 'a', name: 'k', models: ['old'] })).rejects.toThrow("'old'");
  expect((await ask(key, 'old')).status).toBe(404);
  expect((await ask(key, 'fresh')).status).toBe(200);
});

it('remembers the health of targets that stay', async () => {
  const key = await start({ retries: { maxAttempts: 1 } });
  for (let i = 0; i < 5; i += 1) {
    upstream.answer({ status: 500 });
    await ask(key);
  }

  await gateway.configure({ models: at(2) });

  expect(gateway.health()).toMatchObject([{ target: 'openai/m', state: 'open', consecutiveFailures: 5 }]);
});

it('refuses a change as a whole, and names every mistake', async () => {
  const key = await start();
  const change = {
    models: { n: { provider: 'opnai', price: { input: -1, output: 1 } } },
    plans: { free: { models: ['m'] }, gold: { models: '*', billing: 'free' } },
    prices: {},
  };

  await expect(gateway.configure(change as object)).rejects.toThrow(
    [
      'configure: 6 problem(s) in the options',
      '- prices is not an option',
      '- models.n.price: not a price in USD, from 0 to 1000000: -1',
      '- models.n.provider names no provider: opnai',
      '- plans.free.models names no model: m',
      "- plans.gold.billing must be one of 'metered', 'prepaid', 'postpaid'",
      '- defaultPlan must be set when there are several plans',
    ].join('\n'),
  );
  await expect(gateway.configure({ plans: { gold: { models: ['gone'] } } })).rejects.toThrow('names no model: gone');

  expect(await listed(key)).toEqual(['m']);
  expect(gateway.plans).toEqual(['free']);
  expect((await ask(key)).status).toBe(200);
});

it('refuses prices, factors and names that can only be slips', async () => {
  await start();
  const price = { input: 1_000_000, output: 1, units: { image: 1_000_001, page: { perMillion: 2e6 } } };
  const change = {
    models: { m: { provider: 'openai', price }, n: { provider: 'openai', price: { input: '1000001', output: 1 } } },
    plans: {
      free: {
        models: ['m'],
        priceMultiplier: 1_000.1,
        allowance: [
          { amount: 1, per: 'day', models: ['m', 'M*'] },
          { amount: 1, per: 'week', models: ['n'] },
        ],
      },
      one: { models: '*', allowance: { amount: 1, per: 'day', models: ['claude-*', 'n*'] } },
    },
    defaultPlan: 'free',
  };

  await expect(gateway.configure(change as object)).rejects.toThrow(
    [
      'configure: 7 problem(s) in the options',
      '- models.m.price.units.image: not a price in USD, from 0 to 1000000: 1000001',
      '- models.m.price.units.page: not a price in USD, from 0 to 1000000: 2000000',
      '- models.n.price: not a price in USD, from 0 to 1000000: 1000001',
      '- plans.free.priceMultiplier: not a number from 0 to 1000 with at most six decimals: 1000.1',
      '- plans.free.allowance[0].models names no model of the plan: M*',
      '- plans.free.allowance[1].models names no model of the plan: n',
      '- plans.one.allowance.models names no model of the plan: claude-*',
    ].join('\n'),
  );
});

it('takes 1,000 changes under load: nothing fails, each request is charged by one of them, memory stays flat', async () => {
  const key = await start();
  // A multiplier that belongs to the price: what is charged by two configurations has a pair that is none of them.
  const change = (n: number): Partial<GatewayOptions> => ({
    models: { ...at(n), [`extra-${n}`]: { provider: 'openai', price: { input: n, output: n } } },
    plans: { free: { models: '*', priceMultiplier: n } },
  });
  await gateway.configure(change(1));
  const statuses: number[] = [];
  let done = false;
  const load = Array.from({ length: 8 }, async (_, client) => {
    while (!done) {
      const answer = await ask(key, 'm', client % 2 === 0);
      await answer.text();
      statuses.push(answer.status);
    }
  });

  let before = 0;
  for (let n = 1; n <= 1_000; n += 1) {
    await gateway.configure(change(n));
    if (n % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (n === 200) {
      collectGarbage();
      before = process.memoryUsage().heapUsed - events.length * BYTES_PER_EVENT;
    }
  }
  collectGarbage();
  const grown = process.memoryUsage().heapUsed - events.length * BYTES_PER_EVENT - before;
  done = true;
  await Promise.all(load);

  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(events.length).toBe(statuses.length);
  const pairs = events.map(({ price }) => [price.input / 1_000_000n, price.multiplier / 1_000_000n]);
  expect(pairs.filter(([price, multiplier]) => price !== multiplier)).toEqual([]);
  expect(new Set(pairs.map(([price]) => price)).size).toBeGreaterThan(5);
  expect(gateway.health().map(({ target }) => target)).toEqual(['openai/m', 'openai/extra-1000']);
  expect(grown).toBeLessThan(4_000_000);
});

/** What the memory store and this test keep of one request; measured, for subtracting it. */
const BYTES_PER_EVENT = 1_500;

it('lets go of what it no longer offers', async () => {
  const key = await start();
  let price: { input: number; output: number } | undefined = { input: 1, output: 1 };
  const kept = new WeakRef(price);
  await gateway.configure({ models: { gone: { provider: 'openai', price } } });
  await (await ask(key, 'gone')).text();

  await gateway.configure({ models: at(1) });
  price = undefined;
  await ask(key);
  await new Promise((resolve) => setTimeout(resolve, 0));
  collectGarbage();

  expect(kept.deref()).toBeUndefined();
});

it('lets a promo code whose plan is gone give its money, and no plan', async () => {
  await start({ plans: { free: { models: '*' }, pro: { models: '*' } }, defaultPlan: 'free' });
  await gateway.promoCodes.create({ code: 'HELLO', amount: '5', plan: 'pro' });
  await gateway.configure({ plans: { free: { models: '*' } } });
  await gateway.credits.redeem({ accountId: 'b', code: 'HELLO' });
  expect(await gateway.accounts.get('b')).toMatchObject({ plan: 'free', balance: '5' });
});
