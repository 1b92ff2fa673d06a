import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import { describe, expect, it } from 'vitest';
import type { ChatStream } from '../../../src/providers/adapter.js';
import { google } from '../../../src/providers/google/index.js';
import type { Transport, UpstreamRequest } from '../../../src/upstream/transport.js';
import { chatCall } from './support/call.js';
import { toEvent } from './support/recordings.js';

/** A provider that always answers the same. */
function fakeTransport(status: number, type: string, text: string) {
  const sent: UpstreamRequest[] = [];
  const transport: Transport = {
    send(request) {
      sent.push(request);
      let pieces: Uint8Array[] | undefined = [new TextEncoder().encode(text)];
      const read = () => {
        const next = pieces;
        pieces = undefined;
        return Promise.resolve(next);
      };
      const body = { read, cancel: () => {}, discard: () => {} };
      return Promise.resolve({ status, headers: { 'content-type': type }, body });
    },
  };
  return { transport, sent };
}

async function drain({ batches }: ChatStream) {
  const chunks = [];
  for await (const batch of batches) chunks.push(...batch.chunks);
  return chunks;
}

const ANSWER = { candidates: [{ content: { parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }] };
const JSON_TYPE = 'application/json; charset=UTF-8';

describe('the Google provider', () => {
  it.each([
    [{}, 'https://generativelanguage.googleapis.com'],
    [{ baseURL: 'http://127.0.0.1:9/' }, 'http://127.0.0.1:9'],
    [{ baseURL: 'https://x.test/proxy/v1beta/' }, 'https://x.test/proxy'],
  ])('calls %j with its key in a header', async (options, origin) => {
    const { transport, sent } = fakeTransport(200, JSON_TYPE, JSON.stringify(ANSWER));
    const provider = google({ apiKey: 'secret', headers: { 'X-Extra': '1' }, ...options });
    const { completion } = await provider.chat(chatCall({ verbosity: 'low' }, { transport }));
    expect(completion.choices[0]?.message.content).toBe('Hi');
    expect(sent[0]).toMatchObject({
      method: 'POST',
      url: `${origin}/v1beta/models/gemini-2.5-flash:generateContent`,
      headers: { 'x-goog-api-key': 'secret', 'x-extra': '1', 'content-type': 'application/json' },
    });
    expect(sent[0]?.url).not.toContain('secret');
  });

  it('names what it left out', async () => {
    const { transport } = fakeTransport(200, JSON_TYPE, JSON.stringify(ANSWER));
    expect((await google({ apiKey: 'k' }).chat(chatCall({ verbosity: 'low' }, { transport }))).dropped).toEqual([
      'verbosity',
    ]);
    const stream = fakeTransport(200, 'text/event-stream', toEvent(ANSWER));
    expect(
      (await google({ apiKey: 'k' }).stream(chatCall({ user: 'u' }, { transport: stream.transport }))).dropped,
    ).toEqual(['user']);
  });

  it("streams what OpenAI's own helper can put together", async () => {
    const events = [
      { candidates: [{ content: { parts: [{ text: 'Hm', thought: true }, { text: 'Let me ' }] } }] },
      {
        candidates: [
          { content: { parts: [{ text: 'see.' }, { functionCall: { name: 'f' }, thoughtSignature: 'AAAA' }] } },
        ],
      },
      { candidates: [{ content: { parts: [{ functionCall: { name: 'g', args: { x: 1 } } }] }, finishReason: 'STOP' }] },
    ];
    const { transport, sent } = fakeTransport(200, 'text/event-stream', events.map(toEvent).join(''));
    const provider = google({ apiKey: 'k', randomId: () => 'fixed' });
    const chunks = await drain(await provider.stream(chatCall({}, { transport })));
    expect(sent[0]?.url).toMatch(/:streamGenerateContent\?alt=sse$/);
    const lines = new Blob(chunks.map((chunk) => `${JSON.stringify(chunk)}\n`)).stream();
    const { choices } = await ChatCompletionStream.fromReadableStream(lines).finalChatCompletion();
    expect(choices[0]?.finish_reason).toBe('tool_calls');
    expect(choices[0]?.message).toMatchObject({
      role: 'assistant',
      content: 'Let me see.',
      tool_calls: [
        {
          id: 'call_fixed',
          type: 'function',
          function: { name: 'f', arguments: '{}' },
          extra_content: { google: { thought_signature: 'AAAA' } },
        },
        { id: 'call_fixed', type: 'function', function: { name: 'g', arguments: '{"x":1}' } },
      ],
    });
  });

  it('streams a picture of several megabytes', async () => {
    const parts = [{ inlineData: { mimeType: 'image/png', data: 'A'.repeat(3_000_000) } }];
    const event = toEvent({ candidates: [{ content: { parts }, finishReason: 'STOP' }] });
    const { transport } = fakeTransport(200, 'text/event-stream', event);
    const chunks = await drain(await google({ apiKey: 'k' }).stream(chatCall({}, { transport })));
    expect(JSON.stringify(chunks)).toContain('data:image/png;base64,AAAA');
  });

  it('makes ids of its own that OpenAI would accept', async () => {
    const parts = [{ functionCall: { name: 'f' } }, { functionCall: { name: 'g' } }];
    const answer = { candidates: [{ content: { parts }, finishReason: 'STOP' }] };
    const { transport } = fakeTransport(200, JSON_TYPE, JSON.stringify(answer));
    const { completion } = await google({ apiKey: 'k' }).chat(chatCall({}, { transport }));
    const ids = completion.choices[0]?.message.tool_calls?.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^call_[a-zA-Z0-9]{1,35}$/);
  });

  const notFound = JSON.stringify({ error: { code: 404, message: 'no such model', status: 'NOT_FOUND' } });
  const malformed = toEvent({ candidates: [{ content: {}, finishReason: 'MALFORMED_FUNCTION_CALL' }] });
  it.each([
    ['a JSON error on the stream URL', 404, 'text/event-stream', notFound, { fault: 'status', status: 404 }],
    ['a JSON list that is an error', 200, JSON_TYPE, `[${notFound}]`, { fault: 'event', status: 404 }],
    ['an error as its first event', 200, 'text/event-stream', toEvent(notFound), { fault: 'event', status: 404 }],
    ['no event at all', 200, 'text/event-stream', '', { fault: 'truncated' }],
    ['a model that fails at once', 200, 'text/event-stream', malformed, { fault: 'status', status: 502 }],
  ])('rejects a stream before its head for %s', async (_, status, type, text, expected) => {
    const { transport } = fakeTransport(status, type, text);
    await expect(google({ apiKey: 'k' }).stream(chatCall({}, { transport }))).rejects.toMatchObject(expected);
  });
});
