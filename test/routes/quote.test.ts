import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway, type Identity, openai } from '../../src/index.js';
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

describe('what is available is what this request could draw', () => {
  const ofWhom = (more: Partial<Identity> = {}) => ({ accountId: 'ada', ...more });
  const spend = (identity: Identity) =>
    gateway.fetchFor(identity)('http://gateway.test/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('on the plan of the identity', async () => {
    expect(await gateway.quote(body, ofWhom())).toMatchObject({ affordable: false, available: '0' });
    expect(await gateway.quote(body, ofWhom({ plan: 'free' }))).toMatchObject({ affordable: true, available: null });
  });

  test('by the allowances of the model', async () => {
    await gateway.configure({
      plans: {
        prepaid: {
          models: '*',
          billing: 'prepaid',
          overflow: 'refuse',
          allowance: [
            { amount: '5', per: 'month' },
            { amount: '0.0001', per: 'week', models: ['one'] },
          ],
        },
      },
    });
    expect(await gateway.quote(body, ofWhom())).toMatchObject({ affordable: false, available: '0.0001' });
    const picture = { model: 'picture', prompt: 'A cat' };
    expect(await gateway.quote(picture, ofWhom(), 'images/generations')).toMatchObject({
      affordable: true,
      available: '5',
    });
    await gateway.credits.topUp({ accountId: 'ada', amount: '9', idempotencyKey: 'not asked' });
    expect(await gateway.quote(body, ofWhom())).toMatchObject({ affordable: false });
  });

  test('by the budgets of end user, session and tags, also where the body names the end user', async () => {
    await gateway.configure({
      budgets: [
        { subject: 'endUser', amount: '0.01', per: 'day' },
        { subject: 'session', amount: '0.1', per: 'total' },
        { subject: 'tag:feature', amount: '0.000001', per: 'month' },
      ],
    });
    const free = ofWhom({ plan: 'free' });
    expect(await gateway.quote(body, free)).toMatchObject({ affordable: true, available: null });
    expect(await gateway.quote(body, { ...free, session: 's1' })).toMatchObject({ affordable: true, available: '0.1' });
    expect(await gateway.quote(body, { ...free, tags: { feature: 'chat' } })).toMatchObject({
      affordable: false,
      available: '0.000001',
    });
    expect(await gateway.quote({ ...body, user: 'eve' }, free)).toMatchObject({ available: '0.01' });
    expect(await gateway.quote(body, { ...free, endUser: 'eve', session: 's1' })).toMatchObject({ available: '0.01' });
    expect((await spend({ ...free, endUser: 'eve' })).status).toBe(200);
    const { available } = await gateway.quote(body, { ...free, endUser: 'eve' });
    expect(Number(available)).toBeLessThan(0.01);
    expect(await gateway.quote(body, { ...free, endUser: 'bob' })).toMatchObject({ available: '0.01' });
  });
});

test('nobody hears of a quote: no observer, no span, and no host that waits for its end', async () => {
  const heard: unknown[] = [];
  const begin = (start: object) => void heard.push(start);
  const watched = createGateway({
    providers: { openai: openai(upstream.openai) },
    models: { one: { provider: 'openai', price: { input: 1, output: 2 } } },
    plans: { free: { models: '*' } },
    telemetry: { begin, ended: begin },
    background: (work) => void heard.push(work),
  });
  expect(await watched.quote(body, { accountId: 'ada' })).toMatchObject({ affordable: true });
  await watched.close();
  expect(heard).toEqual([]);
});

test('an identity that is wrong rejects', async () => {
  const asked = gateway.quote(body, { accountId: 'ada', plan: 'gold' });
  await expect(asked).rejects.toMatchObject({ code: 'invalid_value', param: 'plan' });
});

test.each([
  [{ ...body, model: 'none' }, 'chat/completions', 'model_not_found'],
  [{ model: 'one' }, 'chat/completions', 'missing_required_parameter'],
  [body, 'models', 'method_not_allowed'],
  [body, 'nothing', 'not_found'],
])('what the route would refuse rejects: %j at %s', async (request, route, code) => {
  await expect(gateway.quote(request, { accountId: 'ada' }, route)).rejects.toMatchObject({ code });
});

test.each([{ n: 5n }, 'itself'])('a body that can not be written as JSON is refused: %s', async (more) => {
  const cyclic: Record<string, unknown> = { ...body };
  cyclic['itself'] = cyclic;
  const quoted = gateway.quote(typeof more === 'string' ? cyclic : { ...body, ...more }, { accountId: 'ada' });
  await expect(quoted).rejects.toMatchObject({ code: 'invalid_value', param: 'body' });
});

test('an unknown route is told of the one that was probably meant, as a request to it is', async () => {
  await expect(gateway.quote(body, { accountId: 'ada' }, 'chat/completion')).rejects.toThrow(
    'Unknown route. Was POST /chat/completions meant?',
  );
});
