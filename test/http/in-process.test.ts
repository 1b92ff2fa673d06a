import { getEventListeners } from 'node:events';
import OpenAI, { AuthenticationError, PermissionDeniedError, RateLimitError } from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway, GatewayOptions } from '../../src/index.js';
import { anthropic, createGateway, google, memoryStore, openai } from '../../src/index.js';
import { assertAccountsBalance, type FakeUpstream, fakeUpstream, gate } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';

const MODELS = ['gpt', 'claude', 'gemini'] as const;
const PRICE = { input: 1, output: 2 };
const ASK = { messages: [{ role: 'user' as const, content: 'Hello' }], max_tokens: 50 };

let upstream: FakeUpstream;
let gateway: Gateway;
let store: ReturnType<typeof memoryStore>;

beforeEach(async () => {
  upstream = await fakeUpstream();
});

afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

function start(options: Partial<GatewayOptions> = {}): void {
  store = memoryStore();
  gateway = createGateway({
    providers: {
      openai: openai(upstream.openai),
      anthropic: anthropic(upstream.anthropic),
      google: google(upstream.google),
    },
    models: {
      gpt: { provider: 'openai', model: 'gpt-4o-mini', price: PRICE },
      claude: { provider: 'anthropic', model: 'claude-sonnet-4-5', price: PRICE },
      gemini: { provider: 'google', model: 'gemini-2.5-flash', price: PRICE },
    },
    plans: {
      free: { models: '*' },
      tight: { models: ['gpt'], limits: { requestsPerMinute: 1 } },
      prepaid: { models: '*', billing: 'prepaid' },
    },
    defaultPlan: 'free',
    store,
    ...options,
  });
}

/** The official client, inside the process. */
function client(identity: Parameters<Gateway['fetchFor']>[0]): OpenAI {
  const fetch = gateway.fetchFor(identity);
  return new OpenAI({ baseURL: 'http://gateway.test/v1', apiKey: 'unused', maxRetries: 0, fetch });
}

describe.each(MODELS)('the official client inside the process, at %s', (model) => {
  test('gets an answer, which is recorded for the account without a key', async () => {
    start();
    const identity = { accountId: 'user_1', endUser: 'visitor_7', session: 'run_1', tags: { feature: 'summary' } };
    const { data, response } = await client(identity)
      .chat.completions.create({ ...ASK, model })
      .withResponse();
    expect(data.choices[0]?.message.content).toBeTruthy();
    expect(Number(response.headers.get('x-gateway-cost'))).toBeGreaterThan(0);
    const [event] = await gateway.usage.events({ accountId: 'user_1' });
    expect(event).toMatchObject({ keyId: null, via: 'app', model, cost: response.headers.get('x-gateway-cost') });
    expect(event).toMatchObject({ endUser: 'visitor_7', session: 'run_1', tags: { feature: 'summary' } });
  });

  test('gets a stream', async () => {
    start();
    upstream.answer({ text: ['one ', 'two ', 'three'] });
    let text = '';
    const stream = await client({ accountId: 'user_1' }).chat.completions.create({ ...ASK, model, stream: true });
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('one two three');
  });

  test('stops in mid-stream: the provider is canceled and what came is charged, once and no more', async () => {
    start();
    await gateway.credits.topUp({ accountId: 'user_1', amount: '1', idempotencyKey: 'start' });
    const held = gate();
    upstream.answer({ text: ['one ', held, 'two'] });
    const controller = new AbortController();
    const stream = await client({ accountId: 'user_1', plan: 'prepaid' }).chat.completions.create(
      { ...ASK, model, stream: true },
      { signal: controller.signal },
    );
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) controller.abort();
    }
    const { ended } = await upstream.received();
    expect(await ended).toBe('aborted');
    await eventually(async () => (await gateway.usage.events({ accountId: 'user_1' })).length === 1);
    const [event] = await gateway.usage.events({ accountId: 'user_1' });
    expect(event).toMatchObject({ outcome: 'aborted', keyId: null });
    const { inputTokens = 0, outputTokens = 0 } = event?.usage ?? {};
    // 'Hello' and its message in, at 1 USD per million. Out, at 2: a token for each letter of 'one ', or of a model that may
    // have thought the whole limit.
    expect([inputTokens > 0, outputTokens]).toEqual([true, model === 'gpt' ? 4 : ASK.max_tokens]);
    expect(Number(event?.cost)).toBeCloseTo((inputTokens + 2 * outputTokens) / 1e6, 12);
    const account = await gateway.accounts.get('user_1');
    expect(account.held).toBe('0');
    expect(Number(account.balance)).toBeCloseTo(1 - Number(event?.cost), 9);
    await assertAccountsBalance(store.meter, ['user_1'], { prepaid: true });
    held.open();
  });
});

test('an abort rejects as that of fetch does, before the answer and while it is read', async () => {
  start();
  const held = gate();
  upstream.answer({ before: held });
  const controller = new AbortController();
  const fetch = gateway.fetchFor({ accountId: 'user_1' });
  const init = { method: 'POST', body: JSON.stringify({ model: 'gpt', ...ASK }), signal: controller.signal };
  const asked = fetch('http://gateway.test/v1/chat/completions', init);
  await held.reached;
  controller.abort(new Error('changed my mind'));
  await expect(asked).rejects.toThrow('changed my mind');
  held.open();
  await expect(fetch('http://gateway.test/v1/chat/completions', init)).rejects.toThrow('changed my mind');
});

test('a stream that is aborted fails instead of ending', async () => {
  start();
  const held = gate();
  upstream.answer({ text: ['one ', held, 'two'] });
  const controller = new AbortController();
  const response = await gateway.fetchFor({ accountId: 'user_1' })('http://gateway.test/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify({ model: 'gpt', stream: true, ...ASK }),
    signal: controller.signal,
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  controller.abort(new Error('changed my mind'));
  await expect(
    (async () => {
      while (!(await reader.read()).done);
    })(),
  ).rejects.toThrow('changed my mind');
  held.open();
});

test('nothing listens to the signal of a request that has ended, however it ended', async () => {
  start();
  const { signal } = new AbortController();
  const ask = async (fetch: typeof globalThis.fetch, body: object) => {
    const init = { method: 'POST', body: JSON.stringify(body), signal };
    return (await fetch('http://gateway.test/v1/chat/completions', init)).text();
  };
  const fetch = gateway.fetchFor({ accountId: 'user_1' });
  const refused = gateway.fetchFor({ accountId: 'user_1', models: [] });
  await ask(fetch, { model: 'gpt', ...ASK });
  await ask(fetch, { model: 'gpt', stream: true, ...ASK });
  await ask(fetch, {});
  await ask(refused, { model: 'gpt', ...ASK });
  await eventually(() => getEventListeners(signal, 'abort').length === 0);
});

test('refusals are the errors of the SDK', async () => {
  start();
  const tight = client({ accountId: 'user_1', plan: 'tight' });
  await expect(tight.chat.completions.create({ ...ASK, model: 'claude' })).rejects.toThrow(PermissionDeniedError);
  await tight.chat.completions.create({ ...ASK, model: 'gpt' });
  await expect(tight.chat.completions.create({ ...ASK, model: 'gpt' })).rejects.toThrow(RateLimitError);
  const poor = client({ accountId: 'user_2', plan: 'prepaid' });
  await expect(poor.chat.completions.create({ ...ASK, model: 'gpt' })).rejects.toMatchObject({
    status: 403,
    code: 'insufficient_balance',
  });
});

test('models of the identity narrow the plan', async () => {
  start();
  const narrow = client({ accountId: 'user_1', models: ['gpt'] });
  expect((await narrow.models.list()).data.map(({ id }) => id)).toEqual(['gpt']);
  await expect(narrow.chat.completions.create({ ...ASK, model: 'claude' })).rejects.toThrow(PermissionDeniedError);
});

test('the credentials of the request are not looked at', async () => {
  start();
  const { key } = await gateway.keys.create({ accountId: 'user_2', name: 'laptop' });
  await gateway.fetchFor({ accountId: 'user_1' })(
    new Request('http://gateway.test/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'x-api-key': 'other', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt', ...ASK }),
    }),
  );
  expect(await gateway.usage.events({ accountId: 'user_1' })).toHaveLength(1);
  expect(await gateway.usage.events({ accountId: 'user_2' })).toHaveLength(0);
});

test('without an identity the same gateway still asks for a key', async () => {
  start();
  const fetch: typeof globalThis.fetch = (input, init) => gateway.fetch(new Request(input, init));
  const plain = new OpenAI({ baseURL: 'http://gateway.test/v1', apiKey: 'unused', maxRetries: 0, fetch });
  await expect(plain.models.list()).rejects.toThrow(AuthenticationError);
});

test('200 calls at once never overdraw a prepaid account', async () => {
  start();
  await gateway.credits.topUp({ accountId: 'user_1', amount: '0.005', idempotencyKey: 'start' });
  const rich = client({ accountId: 'user_1', plan: 'prepaid' });
  const results = await Promise.allSettled(
    Array.from({ length: 200 }, (_, i) => rich.chat.completions.create({ ...ASK, model: MODELS[i % 3] as string })),
  );
  expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
  expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  expect(Number((await gateway.accounts.get('user_1')).balance)).toBeGreaterThanOrEqual(0);
  await assertAccountsBalance(store.meter, ['user_1'], { prepaid: true });
});

test.each([
  [{ accountId: '' }, 'accountId'],
  [{ accountId: 'user_1', plan: 'gold' }, 'plan'],
  [{ accountId: 'user_1', endUser: 'x'.repeat(129) }, 'endUser'],
  [{ accountId: 'user_1', tags: { feature: 'x'.repeat(129) } }, 'tags.feature'],
  [{ accountId: 'user_1', tags: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`t${i}`, 'x'])) }, 'tags'],
  [{ accountId: 'user_1', acountId: 'typo' }, 'acountId'],
])('%j is refused at once', (identity, param) => {
  start();
  expect(() => gateway.fetchFor(identity)).toThrow(expect.objectContaining({ code: 'invalid_value', param }));
});
