import { describe, expect, test } from 'vitest';
import { openaiCompatible } from '../../src/index.js';
import { CHAT, type MoneyGateway, PRICE, startMoneyGateway } from '../helpers/money-gateway.js';
import { completionReply } from '../helpers/openai-replies.js';

const MONEY = 1_000_000_000n;

/** The request that reached the provider, and the tokens of output that it may produce by what it says. */
function sent({ upstream }: MoneyGateway): Record<string, unknown> {
  return upstream.requests[0]?.json as Record<string, unknown>;
}

describe('a client can not get more than it holds money for', () => {
  test.each([
    ['model', 'dear'],
    ['n', 100],
    ['stream', true],
    ['stream_options', { include_usage: false }],
    ['user', 'another account'],
    ['messages', [{ role: 'user', content: 'longer' }]],
    ['service_tier', 'priority'],
    ['models', ['dear']],
    ['Model', 'dear'],
    ['MAX_TOKENS', 1_000_000],
  ])('by the native option %s', async (name, value) => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(MONEY);
    const { status, text } = await customer.post({ provider_options: { openai: { [name]: value } } });
    expect(status).toBe(400);
    expect(JSON.parse(text).error.param).toBe(`provider_options.openai.${name}`);
    expect(gateway.upstream.requests).toHaveLength(0);
    await gateway.finish();
  });

  test.each(['max_tokens', 'max_completion_tokens'])('by the native option %s', async (name) => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(MONEY);
    await customer.post({ provider_options: { openai: { [name]: 1_000_000 } } });
    expect(limitsOf(sent(gateway))).toEqual([100]);
    await gateway.finish();
  });

  test.each([
    { max_tokens: 1_000_000, max_completion_tokens: 10, limit: 10 },
    { max_tokens: 10, max_completion_tokens: 1_000, limit: 1_000 },
  ])('by two limits that differ', async ({ limit, ...limits }) => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(MONEY);
    await customer.post(limits);
    expect(limitsOf(sent(gateway))).toEqual([limit]);
    await gateway.finish();
  });

  test('by saying a limit twice', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(MONEY);
    const text = JSON.stringify({ ...CHAT, max_tokens: 10 }).replace('{', '{"max_tokens":1000000,');
    await gateway.gateway.handle({
      method: 'POST',
      path: '/chat/completions',
      headers: { authorization: `Bearer ${customer.key}` },
      body: async () => new TextEncoder().encode(text),
      signal: new AbortController().signal,
    });
    expect(gateway.upstream.requests[0]?.text).not.toContain('1000000');
    await gateway.finish();
  });

  test.each([
    ['stream_options', { include_usage: false }, { include_usage: true }],
    ['service_tier', 'flex', 'default'],
    ['messages', [{ role: 'user', content: 'other' }], CHAT.messages],
  ])('by saying %s twice', async (name, first, second) => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(MONEY);
    const once = `{${JSON.stringify(name)}:${JSON.stringify(first)},`;
    const text = JSON.stringify({ ...CHAT, stream: true, [name]: second }).replace('{', once);
    await gateway.gateway.handle({
      method: 'POST',
      path: '/chat/completions',
      headers: { authorization: `Bearer ${customer.key}` },
      body: async () => new TextEncoder().encode(text),
      signal: new AbortController().signal,
    });
    expect(gateway.upstream.requests[0]?.text).not.toContain(JSON.stringify(first));
    await gateway.finish();
  });

  test.each([
    ['/chat/completions', { models: ['dear'] }],
    ['/chat/completions', { fallbacks: ['dear'] }],
    ['/chat/completions', { best_of: 20 }],
    ['/chat/completions', { MODEL: 'dear' }],
    ['/chat/completions', { Max_Tokens: 1_000_000 }],
    ['/chat/completions', { 'max_to\u212aens': 1_000_000 }],
    ['/chat/completions', { 'me\u017f\u017fages': [] }],
    ['/completions', { prompt: 'a', N: 100 }],
    ['/embeddings', { input: 'a', Input: ['b'] }],
  ])('on %s of a copy of the API by %j', async (path, fields) => {
    const gateway = await startMoneyGateway(() => completionReply());
    const other = await startMoneyGateway(() => completionReply(), {
      providers: { copy: openaiCompatible({ baseURL: `${gateway.upstream.url}/v1` }) },
      models: { small: { provider: 'copy', price: PRICE } },
    });
    const customer = await other.account(MONEY);
    const answer = await other.gateway.handle({
      method: 'POST',
      path,
      headers: { authorization: `Bearer ${customer.key}` },
      body: async () => new TextEncoder().encode(JSON.stringify({ ...CHAT, ...fields })),
      signal: new AbortController().signal,
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(String(answer.body)).error.code).toBe('unsupported_parameter');
    expect(gateway.upstream.requests).toHaveLength(0);
    await other.finish();
    await gateway.finish();
  });

  test('by a tier that costs more than the price says', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(MONEY);
    expect((await customer.post({ service_tier: 'priority' })).status).toBe(200);
    expect(sent(gateway)).not.toHaveProperty('service_tier');
    await gateway.finish();
  });

  test('by such a tier of a response', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(MONEY);
    const request = { model: CHAT.model, input: 'Hi', service_tier: 'priority' };
    await gateway.gateway.handle({
      method: 'POST',
      path: '/responses',
      headers: { authorization: `Bearer ${customer.key}` },
      body: async () => new TextEncoder().encode(JSON.stringify(request)),
      signal: new AbortController().signal,
    });
    expect(sent(gateway)).toMatchObject({ input: 'Hi' });
    expect(sent(gateway)).not.toHaveProperty('service_tier');
    await gateway.finish();
  });

  test('by a limit beyond what the model is said to write', async () => {
    const models = { small: { provider: 'openai', price: PRICE, maxOutputTokens: 50 } };
    const gateway = await startMoneyGateway(() => completionReply(), { models });
    const customer = await gateway.account(MONEY);
    await customer.post({ max_tokens: 1_000_000 });
    expect(limitsOf(sent(gateway))).toEqual([50]);
    await gateway.finish();
  });

  test('by a limit in a field that the provider does not know', async () => {
    const gateway = await startMoneyGateway(() => completionReply());
    const copy = openaiCompatible({ baseURL: `${gateway.upstream.url}/v1` });
    const other = await startMoneyGateway(() => completionReply(), {
      providers: { copy },
      models: { small: { provider: 'copy', price: PRICE } },
    });
    const customer = await other.account(MONEY);
    expect((await customer.post({ max_tokens: undefined, max_completion_tokens: 70 })).status).toBe(200);
    expect(sent(gateway)).toMatchObject({ max_tokens: 70 });
    expect(sent(gateway)).not.toHaveProperty('max_completion_tokens');
    await other.finish();
    await gateway.finish();
  });

  test.each([0, -1, 1.5, '10', 1e30, null])('by an output limit of %j', async (max_tokens) => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(10_000_000n);
    const { status } = await customer.post({ max_tokens });
    if (status === 200) expect(limitsOf(sent(gateway))[0]).toBeGreaterThan(0);
    else expect([400, 403]).toContain(status);
    await gateway.finish();
    expect(customer.balance()).toBeGreaterThanOrEqual(0n);
  });

  test.each([0, -1, 1.5, '4', 1e9, null])('by asking for %j answers', async (n) => {
    const gateway = await startMoneyGateway(() => completionReply());
    const customer = await gateway.account(10_000_000n);
    const { status } = await customer.post({ n });
    expect(n === null ? [200, 400] : [400, 403]).toContain(status);
    await gateway.finish();
  });
});

function limitsOf(body: Record<string, unknown>): unknown[] {
  return [body['max_completion_tokens'], body['max_tokens']].filter((limit) => limit !== undefined);
}
