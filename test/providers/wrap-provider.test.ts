import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  anthropic,
  createGateway,
  type Gateway,
  google,
  openai,
  openaiCompatible,
  type ProviderAdapter,
  type ProviderWrap,
  wrapProvider,
} from '../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';

const PRICE = { input: 1, output: 2 };
const DIALECTS = ['openai', 'anthropic', 'google', 'compatible'] as const;

let upstream: FakeUpstream;
let gateway: Gateway;

beforeEach(async () => {
  upstream = await fakeUpstream();
});

afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

function adapterOf(dialect: (typeof DIALECTS)[number]): ProviderAdapter {
  if (dialect === 'openai') return openai(upstream.openai);
  if (dialect === 'anthropic') return anthropic(upstream.anthropic);
  return dialect === 'google' ? google(upstream.google) : openaiCompatible(upstream.openai);
}

async function ask(
  dialect: (typeof DIALECTS)[number],
  wrap: ProviderWrap,
  body: object,
  route = 'chat/completions',
): Promise<string> {
  gateway = createGateway({
    providers: { wrapped: wrapProvider(adapterOf(dialect), wrap) },
    models: { model: { provider: 'wrapped', model: 'claude-sonnet-4-5', price: PRICE } },
    plans: { free: { models: '*' } },
  });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'test' });
  const question = route.endsWith(':generateContent')
    ? { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }
    : route === 'responses'
      ? { input: 'Hello' }
      : { messages: [{ role: 'user', content: 'Hello' }] };
  const response = await gateway.fetch(
    new Request(`http://gateway.test/v1/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'model', max_tokens: 50, ...question, ...body }),
    }),
  );
  expect(response.status).toBe(200);
  return response.text();
}

const SYSTEM = 'Always answer in French.';
const instructed: ProviderWrap = {
  chat: (call, next) => next({ ...call, request: withSystem(call.request) }),
  stream: (call, next) => next({ ...call, request: withSystem(call.request) }),
};

function withSystem<Request extends { readonly messages: readonly object[] }>(request: Request): Request {
  return { ...request, messages: [{ role: 'system', content: SYSTEM }, ...request.messages] };
}

describe.each(DIALECTS)('a wrap of %s', (dialect) => {
  test.each([false, true])('changes what is sent (stream: %s)', async (stream) => {
    await ask(dialect, instructed, { stream });
    const { text } = await upstream.received();
    expect(text).toContain(SYSTEM);
  });

  test.each(['responses', 'messages', 'models/model:generateContent'])('changes what is sent for %s', async (route) => {
    await ask(dialect, instructed, {}, route);
    const { text } = await upstream.received();
    expect(text).toContain(SYSTEM);
  });

  test('changes the answer', async () => {
    const shouting: ProviderWrap = {
      async chat(call, next) {
        const answer = await next(call);
        const choices = answer.completion.choices.map((choice) => ({
          ...choice,
          message: { ...choice.message, content: 'REDACTED' },
        }));
        return { ...answer, completion: { ...answer.completion, choices } };
      },
    };
    const text = await ask(dialect, shouting, {});
    expect(JSON.parse(text).choices[0].message.content).toBe('REDACTED');
  });

  test('changes the chunks of a stream', async () => {
    const shouting: ProviderWrap = {
      async stream(call, next) {
        const { batches, ...rest } = await next(call);
        return { ...rest, batches: upperCase(batches) };
      },
    };
    upstream.answer({ text: ['one ', 'two'] });
    const text = await ask(dialect, shouting, { stream: true });
    expect(text).toContain('ONE ');
    expect(text).not.toContain('one ');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });
});

type Batches = Awaited<ReturnType<Parameters<NonNullable<ProviderWrap['stream']>>[1]>>['batches'];

async function* upperCase(batches: Batches) {
  for await (const batch of batches) {
    const chunks = batch.chunks.map((chunk) => ({
      ...chunk,
      choices: chunk.choices.map((choice) => ({
        ...choice,
        delta: { ...choice.delta, ...(choice.delta.content && { content: choice.delta.content.toUpperCase() }) },
      })),
    }));
    yield { ...batch, chunks };
  }
}

test('a change of fields in place reaches this attempt alone', async () => {
  const seen: unknown[] = [];
  const wrap: ProviderWrap = {
    chat(call, next) {
      seen.push(call.request.temperature);
      (call.request as { temperature?: number }).temperature = 0;
      return next(call);
    },
  };
  upstream.answer({ status: 503 }, {});
  await ask('openai', wrap, {});
  expect(seen).toEqual([undefined, undefined]);
  await upstream.received();
  expect((await upstream.received()).body).toMatchObject({ temperature: 0 });
});
