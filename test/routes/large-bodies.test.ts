import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  anthropic,
  type ChatCall,
  createGateway,
  type Gateway,
  openai,
  openaiCompatible,
  type ProviderAdapter,
} from '../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { echoProvider } from '../helpers/echo-provider.js';
import { testLogger } from '../helpers/test-logger.js';

const PROMPT = `What does "this" mean?\n${'A long text, told to no end – née café. '.repeat(1_000)}`;
const PRICE = { input: 1, output: 2 };

let upstream: FakeUpstream;
let gateway: Gateway;
let key: string;
const asked: ChatCall[] = [];

/** An adapter of an own model, which reads the request. */
const own: ProviderAdapter = {
  ...echoProvider(),
  chat(call) {
    asked.push(call);
    return echoProvider().chat(call);
  },
};

/** An adapter around another one, which changes what is asked. */
function changing(change: (call: ChatCall) => ChatCall): ProviderAdapter {
  const inner = openai(upstream.openai);
  return { ...inner, chat: (call) => inner.chat(change(call)) };
}

beforeEach(async () => {
  upstream = await fakeUpstream();
  asked.length = 0;
  gateway = createGateway({
    providers: {
      openai: openai(upstream.openai),
      copy: openaiCompatible(upstream.openai),
      anthropic: anthropic(upstream.anthropic),
      own,
      renaming: changing((call) => ({ ...call, model: 'other' })),
      rewording: changing(({ body: _, ...call }) => ({
        ...call,
        request: { ...call.request, messages: [{ role: 'user', content: 'Other words' }] },
      })),
      adding: changing((call) => ({
        ...call,
        request: { ...call.request, provider_options: { openai: { store: false } } },
      })),
    },
    models: {
      ...Object.fromEntries(
        ['openai', 'copy', 'anthropic', 'own', 'renaming', 'rewording', 'adding'].map((provider) => [
          provider,
          { provider, price: PRICE },
        ]),
      ),
      alias: { provider: 'openai', model: 'gpt-4o', price: PRICE },
      fallback: { targets: [{ provider: 'openai', model: 'fallback' }, { provider: 'anthropic' }], price: PRICE },
    },
    plans: { free: { models: '*' } },
    logger: testLogger,
  });
  ({ key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' }));
});
afterEach(async () => {
  await gateway.close({ deadlineMs: 0 });
  await upstream.close();
});

function textOf(model: string, fields: object = {}): string {
  return JSON.stringify({ model, messages: [{ role: 'user', content: PROMPT }], max_tokens: 50, ...fields }, null, 1);
}

async function post(text: string): Promise<{ status: number; body: string }> {
  const response = await gateway.handle({
    method: 'POST',
    path: '/chat/completions',
    headers: { authorization: `Bearer ${key}` },
    body: async () => new TextEncoder().encode(text),
    signal: new AbortController().signal,
  });
  const decoder = new TextDecoder();
  if (typeof response.body === 'string') return { status: response.status, body: response.body };
  let body = '';
  for await (const piece of response.body as AsyncIterable<Uint8Array>) body += decoder.decode(piece);
  return { status: response.status, body };
}

describe('a large request', () => {
  it.each(['openai', 'copy'])('reaches the API of %s as the very bytes of the client', async (model) => {
    expect((await post(textOf(model))).status).toBe(200);
    expect(upstream.requests[0]?.text).toBe(textOf(model));
  });

  it('asks for usage on a stream by what is added at its end', async () => {
    await post(textOf('openai', { stream: true }));
    const { text } = upstream.requests[0] ?? { text: '' };
    expect(text).toBe(textOf('openai', { stream: true }).replace(/\}$/, ',"stream_options":{"include_usage":true}}'));
  });

  it.each([
    ['under another name', 'alias', {}, { model: 'gpt-4o' }],
    ['without what the API does not know', 'openai', { top_k: 5 }, {}],
    ['without a null', 'openai', { stop: null }, {}],
    ['with native options', 'openai', { provider_options: { openai: { store: true } } }, { store: true }],
  ])('is rewritten with all its text: %s', async (_, model, fields, sent) => {
    await post(textOf(model, fields));
    const { body } = upstream.requests[0] ?? {};
    expect(body).toEqual({
      model,
      messages: [{ role: 'user', content: PROMPT }],
      max_tokens: 50,
      ...sent,
    });
  });

  it('is translated with all its text', async () => {
    await post(textOf('anthropic'));
    expect(upstream.requests[0]?.prompt).toBe(PROMPT);
  });

  it('reaches a fallback of another provider with all its text', async () => {
    upstream.answer({ status: 500 });
    expect((await post(textOf('fallback'))).status).toBe(200);
    expect(upstream.requests.map(({ provider }) => provider)).toEqual(['openai', 'anthropic']);
    expect(upstream.requests.at(-1)?.prompt).toBe(PROMPT);
  });

  it('reaches an own adapter with all its text', async () => {
    await post(textOf('own'));
    expect(asked[0]?.request).toEqual(JSON.parse(textOf('own')));
    expect({ ...asked[0] }.request).toEqual(JSON.parse(textOf('own')));
    expect(JSON.parse(JSON.stringify(asked[0]?.request))).toEqual(JSON.parse(textOf('own')));
  });

  it.each([
    ['renaming', { model: 'other', messages: [{ role: 'user', content: PROMPT }] }],
    ['rewording', { messages: [{ role: 'user', content: 'Other words' }] }],
    ['adding', { store: false, messages: [{ role: 'user', content: PROMPT }] }],
  ])('can be changed by an adapter around another: %s', async (model, sent) => {
    expect((await post(textOf(model))).status).toBe(200);
    expect(upstream.requests[0]?.body).toMatchObject(sent);
  });

  it('is refused when it is no JSON, and reaches nobody', async () => {
    const { status, body } = await post(textOf('openai').replace('told', '\u0001'));
    expect(status).toBe(400);
    expect(JSON.parse(body).error.code).toBe('invalid_json');
    expect(upstream.requests).toEqual([]);
  });
});
