import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChatCompletionChunk } from '../../src/openai-api/chat-chunk.js';
import { chunkEncoder } from '../../src/openai-api/chunk-encoder.js';

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'm' } as const;
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const choice = fc.record(
  {
    index: fc.nat({ max: 1 }),
    delta: fc.record({ content: fc.option(text), reasoning_content: text }, { requiredKeys: [] }),
    logprobs: fc.constantFrom(null, { content: [] }),
    finish_reason: fc.constantFrom(null, 'stop'),
    native_finish_reason: text,
  },
  { requiredKeys: ['index', 'delta', 'logprobs', 'finish_reason'] },
);

const chunk = fc
  .record({
    id: fc.constantFrom('chatcmpl-1', 'chatcmpl-"2"'),
    created: maybe(fc.nat({ max: 2 })),
    choices: fc.array(choice, { maxLength: 2 }),
    service_tier: maybe(fc.constantFrom('default', 'flex')),
    citations: maybe(fc.constant(['a'])),
    // a field may be missing or undefined, even one that every chunk should have
    sparse: fc.boolean(),
  })
  .map(({ sparse, ...fields }) => {
    const whole = { ...head, ...fields };
    return (sparse ? JSON.parse(JSON.stringify(whole)) : whole) as ChatCompletionChunk;
  });

test('a chunk is written as JSON.stringify would write it, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 6 }), fc.boolean(), (chunks, includeUsage) => {
      const encode = chunkEncoder(includeUsage);
      for (const one of chunks) {
        const expected = JSON.parse(JSON.stringify(includeUsage ? { ...one, usage: null } : one));
        expect(JSON.parse(encode(one))).toEqual(expected);
      }
    }),
  );
});

test('what stands around the text of a stream is written once', () => {
  const encode = chunkEncoder(false);
  const written = ['Hel', 'lo'].map((content) =>
    encode({ ...head, choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }] }),
  );
  expect(written.map((json) => json.replace(/Hel|lo/, '…'))).toEqual([
    written[0]?.replace('Hel', '…'),
    written[0]?.replace('Hel', '…'),
  ]);
});
