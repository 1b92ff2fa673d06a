import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import type { StreamBatch } from '../../../src/providers/adapter.js';
import { relayChunks } from '../../../src/providers/openai/to-chunks.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { fakeCall } from '../../helpers/fake-call.js';

const words = fc.string({
  unit: fc.constantFrom('a', '"', '\\', '漢', '\n', '"error":', ',"usage":{', '"finish_reason":"stop"'),
});
const delta = fc.oneof(
  { weight: 4, arbitrary: words.map((content) => ({ content })) },
  fc.constant({ role: 'assistant', content: '', refusal: null }),
  words.map((text) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] })),
  fc.constant({}),
);

/** Chunks as OpenAI writes them, and with what must not be relayed. */
const chunk = fc
  .record({
    id: fc.constantFrom('chatcmpl-1', 'chatcmpl-1', 'chatcmpl-2'),
    head: fc.constantFrom({}, { system_fingerprint: null }, { note: { content: 'a' }, system_fingerprint: null }),
    delta,
    index: fc.constantFrom(0, 0, 1),
    finish: fc.constantFrom(null, null, null, 'stop'),
    usage: fc.constantFrom({}, { usage: null }, { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }),
    obfuscation: fc.oneof(
      fc.constant({}),
      fc.string({ unit: fc.constantFrom('a', 'B', '9') }).map((text) => ({ obfuscation: text })),
    ),
    error: fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, fc.constant({ error: { message: 'no' } })),
  })
  .map(({ id, head, delta: said, index, finish, usage, obfuscation, error }) =>
    JSON.stringify({
      id,
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      ...head,
      choices: [{ index, delta: said, finish_reason: finish }],
      ...usage,
      ...obfuscation,
      ...error,
    }),
  );

function translator(includeUsage: boolean) {
  const request = { model: 'm', messages: [], stream: true, stream_options: { include_usage: includeUsage } };
  return relayChunks(fakeCall({ request }), () => new UpstreamError('status', new GatewayError('upstream_error')));
}

/** What one event says, and what becomes of it. */
function told(stream: ReturnType<typeof translator>, data: string): StreamBatch | string {
  const batch: StreamBatch = { chunks: [] };
  try {
    stream.event(data, batch, undefined);
  } catch (thrown) {
    return String(thrown);
  }
  return batch;
}

function values(outcome: StreamBatch | string): unknown {
  return typeof outcome === 'string'
    ? outcome
    : { ...outcome, chunks: outcome.chunks.map((text) => JSON.parse(String(text))) };
}

describe('a chunk of OpenAI', () => {
  it('is relayed as if it stood alone, whatever chunks came before it', () => {
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 2, maxLength: 8 }), fc.boolean(), (chunks, includeUsage) => {
        const stream = translator(includeUsage);
        for (const data of chunks) {
          expect(values(told(stream, data))).toEqual(values(told(translator(includeUsage), data)));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is relayed as the very text that came when nothing in it has to change', () => {
    const stream = translator(true);
    for (const [content, obfuscation] of [
      ['Hel', 'abc'],
      ['"lo" \\', 'x'],
      ['', 'defghij'],
    ]) {
      const data = JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content }, finish_reason: null }],
        usage: null,
        obfuscation,
      });
      expect(told(stream, data)).toEqual({ chunks: [data] });
    }
  });

  it('keeps to one line when its words came in two', () => {
    const stream = translator(false);
    const data =
      '{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a b"},"finish_reason":null}]}';
    expect(told(stream, data)).toEqual({ chunks: [data] });
    expect(told(stream, data.replace('a b', 'a\nb'))).toEqual({ chunks: [data] });
  });
});
