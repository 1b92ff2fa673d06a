import { describe, expect, test } from 'vitest';
import { claudeFamily } from '../../../src/providers/anthropic/families.js';

describe('the family of a Claude model', () => {
  test.each<[string, number, string, string, boolean]>([
    ['claude-fable-5', 128_000, 'adaptive', 'none', true],
    ['claude-opus-5', 128_000, 'adaptive', 'none', true],
    ['claude-sonnet-5-20270101', 128_000, 'adaptive', 'none', true],
    ['claude-opus-4-8', 128_000, 'adaptive', 'none', true],
    ['claude-opus-4-7', 128_000, 'adaptive', 'none', true],
    ['claude-opus-4-6', 128_000, 'both', 'exclusive', true],
    ['anthropic/claude-sonnet-4.6', 128_000, 'both', 'exclusive', true],
    ['claude-opus-4-5-20251101', 64_000, 'budget', 'exclusive', true],
    ['claude-sonnet-4-5', 64_000, 'budget', 'exclusive', true],
    ['claude-haiku-4-5-20251001', 64_000, 'budget', 'exclusive', true],
    ['claude-opus-4-1-20250805', 32_000, 'budget', 'exclusive', true],
    ['claude-opus-4-20250514', 32_000, 'budget', 'all', false],
    ['claude-opus-4-0', 32_000, 'budget', 'all', false],
    ['claude-sonnet-4-20250514', 64_000, 'budget', 'all', false],
    ['claude-sonnet-4-0', 64_000, 'budget', 'all', false],
    ['claude-sonnet-4@20250514', 64_000, 'budget', 'all', false],
    ['claude-sonnet-4', 64_000, 'budget', 'all', false],
    ['claude-3-7-sonnet-20250219', 64_000, 'budget', 'all', false],
    ['claude-3-5-sonnet-20241022', 8_192, 'none', 'all', false],
    ['anthropic.claude-3-5-haiku-20241022-v1:0', 8_192, 'none', 'all', false],
    ['claude-3-opus-20240229', 4_096, 'none', 'all', false],
    ['Claude-3-Haiku-20240307', 4_096, 'none', 'all', false],
    ['claude-2.1', 4_096, 'none', 'all', false],
    ['claude-instant-1.2', 4_096, 'none', 'all', false],
    ['claude-haiku-6', 64_000, 'adaptive', 'none', true],
    ['kimi-k2', 8_192, 'budget', 'all', false],
  ])('%s', (model, maxOutputTokens, thinking, sampling, structuredOutput) => {
    expect(claudeFamily(model)).toMatchObject({ maxOutputTokens, thinking, sampling, structuredOutput });
  });

  test('only guesses are not known', () => {
    expect(
      ['claude-opus-5', 'claude-3-haiku', 'claude-next', 'other'].map((model) => claudeFamily(model).known),
    ).toEqual([true, true, false, false]);
  });
});
