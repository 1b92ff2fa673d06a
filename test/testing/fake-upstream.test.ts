import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anthropic, createGateway, google, openai } from '../../src/index.js';
import { type FakeUpstream, fakeUpstream, gate } from '../../src/testing/index.js';
import { testLogger } from '../helpers/test-logger.js';

let upstream: FakeUpstream;

beforeEach(async () => {
  upstream = await fakeUpstream();
});

afterEach(() => upstream.close());

function ask(path: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(upstream.url + path, { method: 'POST', body: JSON.stringify(body), ...(signal && { signal }) });
}

const chat = (body: object = {}, signal?: AbortSignal) => ask('/v1/chat/completions', { model: 'm', ...body }, signal);

describe.each(['openai', 'anthropic', 'google'] as const)('the wire format of %s', (provider) => {
  async function askThroughAdapter(stream: boolean) {
    const gateway = createGateway({
      providers: {
        openai: openai(upstream.openai),
        anthropic: anthropic(upstream.anthropic),
        google: google(upstream.google),
      },
      models: { chat: { provider, price: { input: 1, output: 1 } } },
      plans: { free: { models: '*' } },
      retries: { maxAttempts: 1 },
      logger: testLogger,
    });
    const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
    const messages = [{ role: 'user', content: 'Say something.' }];
    const response = await gateway.fetch(
      new Request('http://localhost/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'chat', messages, stream }),
      }),
    );
    const text = await response.text();
    await gateway.close();
    return { status: response.status, text };
  }

  test('carries a whole answer', async () => {
    upstream.answer({ text: ['Hel', 'lo'], usage: { input: 7, output: 2 } });
    const { text } = await askThroughAdapter(false);
    const answer = JSON.parse(text);
    expect(answer.choices[0].message.content).toBe('Hello');
    expect(answer.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 2 });
    expect(upstream.requests[0]).toMatchObject({ provider, stream: false, prompt: 'Say something.', model: 'chat' });
  });

  test('carries a stream', async () => {
    upstream.answer({ text: ['Hel', 'lo'] });
    const { text } = await askThroughAdapter(true);
    expect(text).toContain('"content":"Hel"');
    expect(text).toContain('"content":"lo"');
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
  });

  test.each([false, true])('carries a function call (stream: %s)', async (stream) => {
    upstream.answer({ toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] });
    const { text } = await askThroughAdapter(stream);
    expect(text).toContain('"name":"weather"');
    expect(text).toContain('Oslo');
    expect(text).toContain('"finish_reason":"tool_calls"');
  });

  test('carries an error', async () => {
    upstream.answer({ status: 429, headers: { 'retry-after': '7' } });
    const { status } = await askThroughAdapter(false);
    expect(status).toBe(503);
  });

  test('can end a stream without its terminal events, which is no complete answer', async () => {
    upstream.answer({ text: ['Hel', 'lo'], endWithoutTerminal: true });
    const { text } = await askThroughAdapter(true);
    expect(text).toContain('"error"');
    expect(text).not.toContain('[DONE]');
  });
});

test('a gate holds a stream back until it is opened', async () => {
  const held = gate();
  upstream.answer({ text: ['one', held, 'two'] });
  const response = await chat({ stream: true });
  const reader = (response.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  await held.reached;
  let text = '';
  while (!text.includes('one')) text += (await reader.read()).value;
  expect(text).not.toContain('two');
  held.open();
  for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value;
  expect(text).toContain('two');
});

test('a gate before the head holds everything back', async () => {
  const before = gate();
  upstream.answer({ before });
  const response = chat();
  await before.reached;
  expect(upstream.requests).toHaveLength(1);
  before.open();
  expect((await response).status).toBe(200);
});

test('a stalled answer ends when the caller leaves', async () => {
  upstream.answer({ stallAfter: 1 });
  const caller = new AbortController();
  const response = await chat({ stream: true }, caller.signal);
  const request = await upstream.received();
  caller.abort();
  expect(await request.ended).toBe('aborted');
  await expect(response.text()).rejects.toThrow();
});

test('a reset breaks the connection in the middle of the body', async () => {
  upstream.answer({ resetAfterBytes: 40 });
  const response = await chat();
  await expect(response.text()).rejects.toThrow();
  expect(await (await upstream.received()).ended).toBe('aborted');
});

test('scripts are played in turn, then the default answer is given again', async () => {
  upstream.answer({ status: 500 }, { body: 'raw', headers: { 'x-extra': '1' } });
  expect((await chat()).status).toBe(500);
  const raw = await chat();
  expect([await raw.text(), raw.headers.get('x-extra')]).toEqual(['raw', '1']);
  expect(await (await chat()).text()).toContain('Hello from openai.');
});

test('the default answer may depend on the request', async () => {
  const echo = await fakeUpstream({ answer: ({ prompt }) => ({ text: `You said ${prompt}` }) });
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
  const response = await fetch(`${echo.url}/v1/messages`, { method: 'POST', body });
  expect(await response.text()).toContain('You said hi');
  await echo.close();
});
