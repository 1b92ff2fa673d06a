import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnthropicOptions, anthropic } from '../../../src/providers/anthropic/index.js';
import { undiciTransport } from '../../../src/upstream/undici/transport.js';
import { chatCall } from '../../helpers/chat-call.js';
import { assembled, toSse } from './streams.js';

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content: [{ type: 'text', text: 'hi' }],
};
const events = [
  { type: 'message_start', message: { ...message, content: [] } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'hi' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { input_tokens: 1, output_tokens: 2 } },
  { type: 'message_stop' },
];

/** What the fake of Anthropic was asked last, and how it answers. */
const seen: { request?: IncomingMessage; body: string } = { body: '' };
let failure: { status: number; body: string } | undefined;
let origin = '';

const server = createServer(async (request, response) => {
  seen.request = request;
  seen.body = '';
  for await (const piece of request) seen.body += String(piece);
  if (failure) {
    response.writeHead(failure.status, { 'content-type': 'application/json' }).end(failure.body);
    return;
  }
  const stream = seen.body.includes('"stream":true');
  response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  response.end(stream ? toSse(events) : JSON.stringify({ ...message, stop_reason: 'end_turn' }));
});
const transport = undiciTransport({ connectMs: 1_000 });

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await transport.close?.();
  server.close();
});

const ask = (options: Partial<AnthropicOptions> = {}) =>
  anthropic({ apiKey: 'sk-ant-secret', baseURL: origin, ...options }).chat(chatCall({}, { transport }));

describe('the adapter', () => {
  test('authenticates as Anthropic wants it', async () => {
    await ask();
    expect(seen.request).toMatchObject({ method: 'POST', url: '/v1/messages' });
    expect(seen.request?.headers).toMatchObject({
      'x-api-key': 'sk-ant-secret',
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
      accept: 'application/json',
    });
  });

  test.each(['', '/', '/v1', '/v1/'])('takes a base URL that ends in "%s"', async (end) => {
    await ask({ baseURL: origin + end });
    expect(seen.request?.url).toBe('/v1/messages');
    await ask({ baseURL: `${origin}/anthropic${end}` });
    expect(seen.request?.url).toBe('/anthropic/v1/messages');
  });

  test("sends the operator's headers, over its own", async () => {
    await ask({ headers: { 'Anthropic-Version': '2099-01-01', 'Anthropic-Beta': 'one, two', 'x-team': 't' } });
    expect(seen.request?.headers).toMatchObject({ 'anthropic-version': '2099-01-01', 'x-team': 't' });
    expect(seen.request?.headers['anthropic-beta']).toBe('one,two');
  });

  test('answers', async () => {
    expect((await ask()).completion.choices[0]).toMatchObject({ message: { content: 'hi' }, finish_reason: 'stop' });
  });

  test('streams', async () => {
    const adapter = anthropic({ apiKey: 'sk-ant-secret', baseURL: origin });
    const { batches, dropped } = await adapter.stream(chatCall({ seed: 1 }, { transport }));
    const chunks = [];
    let last = {};
    for await (const batch of batches) {
      for (const chunk of batch.chunks) if (typeof chunk !== 'string') chunks.push(chunk);
      last = batch;
    }
    expect(assembled(chunks)).toMatchObject({ content: 'hi', finish: 'stop' });
    expect(last).toMatchObject({ finished: true, usage: { inputTokens: 1, outputTokens: 2 } });
    expect(dropped).toEqual(['seed']);
  });

  test("never shows the client that the gateway's own key was refused, nor the key", async () => {
    const error = {
      type: 'error',
      error: { type: 'authentication_error', message: 'invalid x-api-key sk-ant-secret' },
    };
    failure = { status: 401, body: JSON.stringify(error) };
    const thrown = await ask().catch((reason: unknown) => reason);
    failure = undefined;
    expect(thrown).toMatchObject({ fault: 'auth', status: 401, clientError: { status: 502, code: 'upstream_error' } });
    expect(String((thrown as Error).message) + String((thrown as Error).cause)).not.toContain('secret');
  });
});
