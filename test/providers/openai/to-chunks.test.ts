import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/openai-api/chat-request.js';
import { openai } from '../../../src/providers/openai/index.js';
import { collectStream, fakeCall, fakeTransport } from '../../helpers/fake-call.js';

const HEAD = '"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o"';
const TEXT = `{${HEAD},"system_fingerprint":null,"usage":null,"choices":[{"index":0,"delta":{"role":"assistant","content":"\\"error\\":{} \\"usage\\":{"},"logprobs":null,"finish_reason":null}]}`;
const FINISH = `{${HEAD},"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}`;
const USAGE = `{${HEAD},"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`;
const MODERATION = `{${HEAD},"choices":[],"moderation":{"input":{}},"usage":null}`;
const DONE = '[DONE]';

const adapter = openai({ apiKey: 'sk-secret-of-the-operator' });

function stream(events: readonly string[], request: Partial<ChatRequest> = {}) {
  const bytes = new TextEncoder().encode(events.map((data) => `data: ${data}\n\n`).join(''));
  const transport = fakeTransport({ pieces: [bytes], headers: { 'content-type': 'text/event-stream' } });
  return fakeCall({
    transport,
    request: { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }], stream: true, ...request },
  });
}

async function relayed(events: readonly string[], request: Partial<ChatRequest> = {}): Promise<unknown[]> {
  const { batches } = await adapter.stream(stream(events, request));
  const chunks = [];
  for await (const batch of batches) chunks.push(...batch.chunks);
  return chunks;
}

describe('a stream of OpenAI', () => {
  it('is relayed as text, without the usage key that the client did not ask for', async () => {
    expect(await relayed([TEXT, FINISH, USAGE, DONE])).toEqual([
      TEXT.replace(',"usage":null', '').replace(',"system_fingerprint":null', ''),
      FINISH.replace(',"usage":null', ''),
    ]);
  });

  it('keeps usage: null on every chunk when the client asked for usage, or gets it', async () => {
    const bare = FINISH.replace(',"usage":null', '');
    const chunks = await relayed([TEXT, bare, USAGE, DONE], { stream_options: { include_usage: true } });
    expect(chunks.map((chunk) => JSON.parse(String(chunk)).usage)).toEqual([null, null]);
  });

  it('is normalized wherever the fields stand, in every chunk of a stream', async () => {
    const layouts = [
      (words: string) =>
        `{${HEAD},"usage":null,"system_fingerprint":null,"choices":[{"index":0,"delta":{"content":"${words}"},"finish_reason":null}]}`,
      (words: string) =>
        `{${HEAD},"choices":[{"index":0,"delta":{"content":"${words}"},"finish_reason":null}],"usage":null,"system_fingerprint":null}`,
    ];
    for (const layout of layouts) {
      for (const asked of [false, true]) {
        const events = [layout('a'), layout('b'), layout('c'), FINISH, USAGE, DONE];
        const chunks = await relayed(events, { stream_options: { include_usage: asked } });
        const expected = ['a', 'b', 'c'].map((content) => ({
          ...JSON.parse(`{${HEAD}}`),
          ...(asked && { usage: null }),
          choices: [{ index: 0, delta: { content }, finish_reason: null }],
        }));
        expect(chunks.slice(0, 3).map((chunk) => JSON.parse(String(chunk)))).toEqual(expected);
      }
    }
  });

  it('hands over usage apart from the chunks, and keeps what follows it', async () => {
    const all = await collectStream(adapter, stream([TEXT, FINISH, USAGE, MODERATION, DONE]));
    expect(all.usage).toMatchObject({ inputTokens: 3, outputTokens: 2, source: 'provider' });
    expect(JSON.parse(all.usageChunk ?? '')).toEqual(JSON.parse(USAGE));
    expect(all.chunks.at(-1)).toMatchObject({ choices: [], moderation: { input: {} } });
    expect(all.finished).toBe(true);
  });

  it('is complete at its end when a finish reason was there, even without [DONE]', async () => {
    const all = await collectStream(adapter, stream([TEXT, FINISH]));
    expect(all).toMatchObject({ finished: true, usage: undefined });
  });

  it.each([
    ['before a finish reason', [TEXT]],
    ['before anything', []],
    ['with [DONE] alone', [DONE]],
  ])('is truncated when it ends %s', async (_, events) => {
    await expect(collectStream(adapter, stream(events))).rejects.toMatchObject({ fault: 'truncated' });
  });

  it.each([
    [{ message: 'Boom at https://api.internal', type: 'server_error', code: null }, 500, 'upstream_error'],
    [{ message: 'Slow', type: 'tokens', code: 'rate_limit_exceeded' }, 429, 'upstream_unavailable'],
    [{ message: 'No money', type: 'insufficient_quota', code: 'insufficient_quota' }, 500, 'upstream_unavailable'],
  ])('throws on an error event: %o', async (error, status, code) => {
    const thrown = await collectStream(adapter, stream([TEXT, JSON.stringify({ error })])).catch((cause) => cause);
    expect(thrown).toMatchObject({ status, clientError: { code } });
    expect(thrown.clientError.message).not.toContain('internal');
  });

  it('is refused when its first event is no JSON', async () => {
    const broken = `{${HEAD},"choices":[{"index":0,"delta":{"content":"a}`;
    await expect(adapter.stream(stream([broken]))).rejects.toMatchObject({ fault: 'invalid' });
  });

  it('fits the schema even when a proxy left out what is null', async () => {
    const sparse = `{${HEAD},"choices":[{"delta":{"role":"assistant","content":"a"}}]}`;
    const { chunks } = await collectStream(adapter, stream([sparse, FINISH, DONE]));
    expect(chunks[0]?.choices).toEqual([{ index: 0, delta: { role: 'assistant', content: 'a' }, finish_reason: null }]);
  });

  it('gives what Azure says in a first chunk without id to the next one', async () => {
    const opening =
      '{"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}';
    const { chunks } = await collectStream(adapter, stream([opening, TEXT, FINISH, DONE]));
    expect(chunks).toHaveLength(2);
    expect(chunks[0]).toMatchObject({ id: 'chatcmpl-1', prompt_filter_results: [{ prompt_index: 0 }] });
    expect(chunks[1]).not.toHaveProperty('prompt_filter_results');
  });
});
