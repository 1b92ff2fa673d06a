import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import OpenAI from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import { fromAiSdk } from '../../src/ai-sdk/index.js';
import { createGateway } from '../../src/index.js';
import { FAKE_SIGNATURES } from '../../src/testing/fake-wire.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { loggedErrors, testLogger } from '../helpers/test-logger.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

/** A gateway in front of the three providers of the AI SDK, themselves in front of a scripted server. */
async function site() {
  const upstream: FakeUpstream = await fakeUpstream();
  const apiKey = 'sk-fake';
  const gateway = createGateway({
    providers: {
      openai: fromAiSdk(createOpenAI({ apiKey, baseURL: `${upstream.url}/v1` })),
      anthropic: fromAiSdk(createAnthropic({ apiKey, baseURL: `${upstream.url}/v1` })),
      google: fromAiSdk(createGoogleGenerativeAI({ apiKey, baseURL: `${upstream.url}/v1beta` })),
    },
    models: {
      openai: { provider: 'openai', price: { input: 1, output: 2 } },
      anthropic: {
        targets: [{ provider: 'anthropic', model: 'claude-3-5-haiku-20241022' }],
        price: { input: 1, output: 2 },
      },
      google: { targets: [{ provider: 'google', model: 'gemini-2.0-flash' }], price: { input: 1, output: 2 } },
      signing: { targets: [{ provider: 'google', model: 'gemini-3-pro-preview' }], price: { input: 1, output: 2 } },
    },
    plans: { free: { models: '*' } },
    retries: { maxAttempts: 1 },
    logger: testLogger,
  });
  open.push(upstream, { close: () => gateway.close({ deadlineMs: 0 }) });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  const fetch: typeof globalThis.fetch = (input, init) => gateway.fetch(new Request(input, init));
  return { upstream, gateway, client: new OpenAI({ apiKey: key, baseURL: 'http://gateway/v1', fetch, maxRetries: 0 }) };
}

const messages = [{ role: 'user' as const, content: 'Hi' }];
const weather = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};

describe.each(['openai', 'anthropic', 'google'])('the AI SDK’s provider of %s', (model) => {
  test('answers whole and streamed, and what it used is charged', async () => {
    const { client, upstream, gateway } = await site();
    upstream.answer({ text: 'Hello', usage: { input: 11, output: 7 } as object });
    const answer = await client.chat.completions.create({ model, messages, temperature: 0.5, max_tokens: 50 });
    expect(answer.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'Hello' },
      finish_reason: 'stop',
    });
    expect(answer.id).toMatch(/^chatcmpl-/);
    const [row] = await gateway.usage.query({ accountId: 'user_1' });
    expect(row?.inputTokens).toBe(answer.usage?.prompt_tokens);
    expect(row?.outputTokens).toBe(answer.usage?.completion_tokens);

    upstream.answer({ text: ['Hel', 'lo'] });
    let text = '';
    let finish: string | null | undefined;
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    expect({ text, finish }).toEqual({ text: 'Hello', finish: 'stop' });
  });

  test('calls tools and reads their results', async () => {
    const { client, upstream } = await site();
    const toolCalls = [{ id: 'call_1', name: 'weather', arguments: { city: 'Bonn' } }];
    upstream.answer({ toolCalls }, { text: 'Rain.' });
    const first = await client.chat.completions.create({ model, messages, tools: [weather], tool_choice: 'required' });
    const message = first.choices[0]?.message as OpenAI.ChatCompletionMessage;
    const [call] = message.tool_calls ?? [];
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call).toMatchObject({ type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } });
    const result = { role: 'tool' as const, tool_call_id: String(call?.id), content: 'It rains.' };
    const second = await client.chat.completions.create({
      model,
      messages: [...messages, message, result],
      tools: [weather],
    });
    expect(second.choices[0]?.message.content).toBe('Rain.');
    expect(upstream.requests.at(-1)?.text).toContain('It rains.');
  });

  test('errors go by the same table as everywhere', async () => {
    const { client, upstream } = await site();
    const ask = () => client.chat.completions.create({ model, messages });
    for (const [status, seen] of [
      [400, 400],
      [401, 502],
      [429, 503],
      [500, 502],
    ] as const) {
      // The AI SDK itself does not retry below its own high-level functions.
      upstream.answer({ status });
      await expect(ask()).rejects.toMatchObject({ status: seen });
    }
    expect(loggedErrors()).toEqual(["a provider refused the gateway's credential"]);
  });

  test('a stream that breaks off is an error', async () => {
    const { client, upstream } = await site();
    upstream.answer({ text: ['one ', 'two ', 'three'], endWithoutTerminal: true, resetAfterBytes: 400 });
    const read = async () => {
      for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) void chunk;
    };
    await expect(read()).rejects.toThrow();
  });
});

test('fields without a place are reported', async () => {
  const { client } = await site();
  const { response } = await client.chat.completions
    .create({ model: 'anthropic', messages, logprobs: true, metadata: { a: 'b' } })
    .withResponse();
  expect(response.headers.get('x-gateway-dropped-params')).toBe('logprobs, metadata');
});

test('embeddings', async () => {
  const { client, gateway } = await site();
  const answer = await client.embeddings.create({ model: 'openai', input: ['a', 'b'], encoding_format: 'float' });
  expect(answer.data).toHaveLength(2);
  expect((await gateway.usage.query({ accountId: 'user_1' }))[0]?.inputTokens).toBe(answer.usage.prompt_tokens);
});

test.each([
  ['without a type', 'data:;base64,JVBERi0xLjcK'],
  ['in capitals', 'DATA:Application/PDF;base64,JVBERi0xLjcK'],
  ['percent-encoded', 'data:application/pdf,%25PDF-1.7%0A'],
  ['in lines', 'data:application/pdf;base64,JVBERi0x\nLjcK'],
])('a file in a data URL is sent as what it was measured as: %s', async (_, url) => {
  const { client, upstream } = await site();
  const file = { type: 'file' as const, file: { filename: 'a.pdf', file_data: url } };
  await client.chat.completions.create({ model: 'anthropic', messages: [{ role: 'user', content: [file] }] });
  expect(upstream.requests.at(-1)?.text).toContain('"media_type":"application/pdf","data":"JVBERi0xLjcK"');
});

describe('what follows a call', () => {
  const PICTURE = 'iVBORw0KGgo=';

  test.each([
    ['whole', false],
    ['streamed', true],
  ])('goes back to the provider with its signature, and with pictures of its result: %s', async (_, streamed) => {
    const { client, upstream } = await site();
    upstream.answer({ thinking: 'Hm.', toolCalls: [{ name: 'weather', arguments: { city: 'Bern' } }] });
    const ask = { model: 'signing', messages, tools: [weather] };
    const { choices } = streamed
      ? await client.chat.completions.stream(ask).finalChatCompletion()
      : await client.chat.completions.create(ask);
    const said = choices[0]?.message as OpenAI.ChatCompletionMessage;
    const content = [
      { type: 'text', text: 'sun' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PICTURE}` } },
    ];
    const result = { role: 'tool', tool_call_id: said.tool_calls?.[0]?.id, content };
    await client.chat.completions.create({
      ...ask,
      messages: [...messages, said, result as unknown as OpenAI.ChatCompletionMessageParam],
    });
    const sent = upstream.requests.at(-1)?.text ?? '';
    expect(sent).toContain(`"thoughtSignature":"${FAKE_SIGNATURES.google}"`);
    expect(sent).toContain(`"inlineData":{"mimeType":"image/png","data":"${PICTURE}"}`);
  });

  test('is said to be lost where its result has no call any more', async () => {
    const { client, upstream } = await site();
    const gone: OpenAI.ChatCompletionMessageParam = { role: 'tool', tool_call_id: 'gone', content: 'sun' };
    const { response } = await client.chat.completions
      .create({ model: 'google', messages: [gone, ...messages] })
      .withResponse();
    expect(response.headers.get('x-gateway-dropped-params')).toBe('messages.tool_call_id');
    expect(upstream.requests.at(-1)?.text).toContain('The result of an earlier tool call:');
  });
});
