import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tokenCount, toOpenAIUsage } from '../../src/lib/usage.js';

const count = fc.integer({ min: 0, max: 20_000_000 });
const usages = fc.record({
  inputTokens: count,
  cachedInputTokens: count,
  cacheWriteTokens: count,
  cacheWrite1hTokens: count,
  outputTokens: count,
  reasoningTokens: count,
});

describe('usage as OpenAI shows it', () => {
  test('prompt and completion make the total, and no detail is larger than its whole', () => {
    fc.assert(
      fc.property(usages, (usage) => {
        const shown = toOpenAIUsage(usage);
        const { cached_tokens, cache_write_tokens = 0 } = shown.prompt_tokens_details;
        expect(shown.prompt_tokens + shown.completion_tokens).toBe(shown.total_tokens);
        expect(shown.total_tokens).toBe(Object.values(usage).reduce((sum, tokens) => sum + tokens, 0));
        expect(shown.prompt_tokens - cached_tokens - cache_write_tokens).toBe(usage.inputTokens);
        expect(shown.completion_tokens - shown.completion_tokens_details.reasoning_tokens).toBe(usage.outputTokens);
      }),
    );
  });
});

describe('a token count out of a provider’s JSON', () => {
  test.each([0, 1, 128_000, 20_000_000])('%s is one', (value) => {
    expect(tokenCount(value)).toBe(value);
  });

  test.each([20_000_001, 1e30, Number.POSITIVE_INFINITY])(
    '%s is lowered to the highest count, never left out',
    (value) => {
      expect(tokenCount(value)).toBe(20_000_000);
    },
  );

  test.each([-1, 1.5, Number.NaN, '10', null, undefined, true, {}, [10], 10n])('%s is none', (value) => {
    expect(tokenCount(value)).toBeUndefined();
  });
});
