import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completionTokens, promptTokens } from '../../../src/lib/usage.js';
import { readUsage } from '../../../src/providers/openai/usage.js';

describe('usage in the shape of OpenAI', () => {
  it('is split so that no token is counted twice', () => {
    const usage = readUsage({
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
      completion_tokens_details: { reasoning_tokens: 20 },
    });
    expect(usage).toEqual({
      inputTokens: 30,
      cachedInputTokens: 60,
      cacheWriteTokens: 10,
      cacheWrite1hTokens: 0,
      outputTokens: 30,
      reasoningTokens: 20,
      source: 'provider',
    });
  });

  it('finds cached tokens where DeepSeek reports them', () => {
    const usage = readUsage({ prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 4 });
    expect(usage).toMatchObject({ inputTokens: 6, cachedInputTokens: 4 });
  });

  it('never has more cached tokens than input tokens', () => {
    const usage = readUsage({ prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 99 } });
    expect(usage).toMatchObject({ inputTokens: 0, cachedInputTokens: 10 });
  });

  it('adds reasoning that xAI reports beside the completion tokens', () => {
    const usage = readUsage({
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 115,
      completion_tokens_details: { reasoning_tokens: 100 },
    });
    expect(usage).toMatchObject({ outputTokens: 5, reasoningTokens: 100 });
  });

  it('takes the unlisted rest of the total for reasoning, as at Google', () => {
    const usage = readUsage({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 });
    expect(usage).toMatchObject({ inputTokens: 10, outputTokens: 5, reasoningTokens: 25 });
  });

  it('derives one side from the total when only the other is there', () => {
    expect(readUsage({ prompt_tokens: 10, total_tokens: 15 })).toMatchObject({ inputTokens: 10, outputTokens: 5 });
  });

  it.each([null, undefined, 'no', [], {}, { prompt_tokens: -1, completion_tokens: 5 }])('is unknown in %o', (value) => {
    expect(readUsage(value)).toBeUndefined();
  });

  it.each([1e30, Number.POSITIVE_INFINITY])(
    'lowers a count of %o to the highest there is, and a total of it says nothing',
    (count) => {
      expect(readUsage({ prompt_tokens: count, completion_tokens: 5 })).toMatchObject({ inputTokens: 20_000_000 });
      expect(readUsage({ prompt_tokens: 10, completion_tokens: 5, total_tokens: count })).toMatchObject({
        inputTokens: 10,
        outputTokens: 5,
        reasoningTokens: 0,
      });
    },
  );

  it.each([Number.NaN, '7', 1.5, -1, null])('ignores a count of %o', (count) => {
    expect(readUsage({ prompt_tokens: count, completion_tokens: 5 })).toBeUndefined();
    const usage = readUsage({
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: count,
      prompt_tokens_details: { cached_tokens: count },
      completion_tokens_details: { reasoning_tokens: count },
    });
    expect(usage).toMatchObject({ inputTokens: 10, cachedInputTokens: 0, outputTokens: 5, reasoningTokens: 0 });
  });

  it('keeps prompt + completion = total for every honest report', () => {
    const count = fc.nat(1_000_000);
    fc.assert(
      fc.property(count, count, count, count, (prompt, completion, cached, reasoning) => {
        const usage = readUsage({
          prompt_tokens: prompt,
          completion_tokens: completion,
          total_tokens: prompt + completion,
          prompt_tokens_details: { cached_tokens: cached },
          completion_tokens_details: { reasoning_tokens: reasoning },
        });
        expect(usage && promptTokens(usage)).toBe(prompt);
        expect(usage && completionTokens(usage)).toBe(completion);
        for (const value of Object.values(usage ?? {}))
          if (typeof value === 'number') expect(value).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
