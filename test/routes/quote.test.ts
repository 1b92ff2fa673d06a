import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGateway, type Gateway, openai } from '../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';

let upstream: FakeUpstream;
let gateway: Gateway;
beforeEach(async () => {
  upstream = await fakeUpstream();
  gateway = createGateway({
    providers: { openai: openai(upstream.openai) },
    models: {
      one: { provider: 'openai', price: { input: 1, output: 2 }, maxOutputTokens: 1_000 },
      picture: { provider: 'openai', price: { input: 0, output: 0, units: { image: 0.04 } } },
    },
    plans: { prepaid: { models: ['one', 'picture'], billing: 'prepaid' }, free: { models: '*' } },
    defaultPlan: 'prepaid',
  });
});
afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

const body = { model: 'one', max_tokens: 500, messages: [{ role: 'user', content: 'Hi' }] };

test('a quote is what the request then holds, and holds nothing', async () => {
  await gateway.credits.topUp({ accountId: 'ada', amount: '1', idempotencyKey: 'start' });
  const { most, affordable, available } = await gateway.quote(body, { accountId: 'ada' });
  expect({ affordable, available }).toEqual({ affordable: true, available: '1' });
  expect(await gateway.accounts.get('ada')).toMatchObject({ balance: '1', held: '0' });
  expect(upstream.requests).toEqual([]);
  // Exactly that much is enough for the request, and a billionth less is not.
  const least = (Number(most) - 1e-9).toFixed(9);
  await gateway.credits.topUp({ accountId: 'poor', amount: least, idempotencyKey: 'start' });
  expect(await gateway.quote(body, { accountId: 'poor' })).toEqual({ most, affordable: false, available: least });
  const ask = () =>
    gateway.fetchFor({ accountId: 'poor' })('http://gateway.test/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect((await ask()).status).toBe(403);
  await gateway.credits.topUp({ accountId: 'poor', amount: '0.000000001', idempotencyKey: 'more' });
  expect((await ask()).status).toBe(200);
});

test('other routes, units, and plans that refuse nothing', async () => {
  const order = { model: 'picture', prompt: 'A cat', n: 3 };
  expect(await gateway.quote(order, { accountId: 'ada' }, 'images/generations')).toEqual({
    most: '0.12',
    affordable: false,
    available: '0',
  });
  await gateway.accounts.setPlan('free', 'free');
  expect(await gateway.quote(body, { accountId: 'free' })).toMatchObject({ affordable: true, available: null });
});

test.each([
  [{ ...body, model: 'none' }, 'chat/completions', 'model_not_found'],
  [{ model: 'one' }, 'chat/completions', 'missing_required_parameter'],
  [body, 'models', 'method_not_allowed'],
  [body, 'nothing', 'not_found'],
])('what the route would refuse rejects: %j at %s', async (request, route, code) => {
  await expect(gateway.quote(request, { accountId: 'ada' }, route)).rejects.toMatchObject({ code });
});

test('an unknown route is told of the one that was probably meant, as a request to it is', async () => {
  await expect(gateway.quote(body, { accountId: 'ada' }, 'chat/completion')).rejects.toThrow(
    'Unknown route. Was POST /chat/completions meant?',
  );
});
