import { describe, expect, test } from 'vitest';
import { NO_USAGE } from '../../../src/lib/usage.js';
import { mergeUsage, toUsage } from '../../../src/providers/anthropic/to-usage.js';

const provider = { ...NO_USAGE, source: 'provider' };

describe('usage in disjoint buckets', () => {
  test.each<[string, Record<string, unknown>, object]>([
    ['plain', { input_tokens: 5, output_tokens: 7 }, { inputTokens: 5, outputTokens: 7 }],
    [
      'the cache is beside the input',
      { input_tokens: 5, cache_read_input_tokens: 100, output_tokens: 7 },
      { inputTokens: 5, cachedInputTokens: 100, outputTokens: 7 },
    ],
    [
      'writes without a split live five minutes',
      { input_tokens: 5, cache_creation_input_tokens: 9 },
      { inputTokens: 5, cacheWriteTokens: 9 },
    ],
    [
      'writes are split by lifetime',
      {
        input_tokens: 5,
        cache_creation_input_tokens: 9,
        cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 7 },
      },
      { inputTokens: 5, cacheWriteTokens: 2, cacheWrite1hTokens: 7 },
    ],
    [
      'the split alone is enough',
      { input_tokens: 5, cache_creation: { ephemeral_1h_input_tokens: 7 } },
      { inputTokens: 5, cacheWrite1hTokens: 7 },
    ],
    [
      'a total counts more than its split',
      { input_tokens: 5, cache_creation_input_tokens: 3, cache_creation: { ephemeral_1h_input_tokens: 7 } },
      { inputTokens: 5, cacheWrite1hTokens: 3 },
    ],
    [
      'thinking is part of the output',
      { output_tokens: 10, output_tokens_details: { thinking_tokens: 4 } },
      { outputTokens: 6, reasoningTokens: 4 },
    ],
    [
      'and never more than it',
      { output_tokens: 10, output_tokens_details: { thinking_tokens: 40 } },
      { reasoningTokens: 10 },
    ],
    [
      'compactions and advisors are billed too',
      {
        input_tokens: 1,
        output_tokens: 2,
        iterations: [
          { type: 'compaction', input_tokens: 10, output_tokens: 20 },
          { type: 'advisor_message', input_tokens: 100, cache_read_input_tokens: 5 },
          { type: 'message', input_tokens: 1, output_tokens: 2 },
          { type: 'fallback_message', input_tokens: 1, output_tokens: 2 },
          'noise',
        ],
      },
      { inputTokens: 111, cachedInputTokens: 5, outputTokens: 22 },
    ],
    [
      'garbage counts as missing',
      { input_tokens: 5, output_tokens: -1, cache_read_input_tokens: '9', cache_creation: 'x' },
      { inputTokens: 5 },
    ],
  ])('%s', (_title, native, expected) => {
    expect(toUsage(native)).toEqual({ ...provider, ...expected });
  });

  test.each([{}, { input_tokens: null }, { input_tokens: 1.5, output_tokens: Number.NaN }])(
    'no count, no usage: %j',
    (native) => {
      expect(toUsage(native)).toBeUndefined();
    },
  );
});

test('a later report replaces what it names and nothing else', () => {
  const first = mergeUsage({}, { input_tokens: 43, cache_read_input_tokens: 5, output_tokens: 1 });
  expect(mergeUsage(first, { input_tokens: 61, output_tokens: 2, cache_read_input_tokens: null })).toEqual({
    input_tokens: 61,
    cache_read_input_tokens: 5,
    output_tokens: 2,
  });
  expect(mergeUsage(first, 'noise')).toEqual(first);
});
