import { describe, expect, test } from 'vitest';
import { addRateLimitHeaders, goDuration, retryHeaders } from '../../src/limits/rate-limit-headers.js';
import type { LimitState } from '../../src/limits/rate-limiter.js';

const rateLimitHeaders = (states: readonly LimitState[]) => {
  const headers: Record<string, string> = {};
  addRateLimitHeaders(headers, states);
  return headers;
};
const state = (change: Partial<LimitState>): LimitState => ({
  subject: 'account:a',
  kind: 'requests',
  limit: 60,
  remaining: 59,
  resetMs: 1_000,
  ...change,
});

describe('rate limit headers', () => {
  test('name limit, remaining and reset of requests and tokens', () => {
    const states = [state({}), state({ kind: 'tokens', limit: 40_000, remaining: 39_000, resetMs: 360_000 })];
    expect(rateLimitHeaders(states)).toEqual({
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-limit-tokens': '40000',
      'x-ratelimit-remaining-tokens': '39000',
      'x-ratelimit-reset-tokens': '6m0s',
    });
  });

  test('show the subject with the least left', () => {
    const states = [state({}), state({ subject: 'key:k', limit: 5, remaining: 2 }), state({ kind: 'concurrency' })];
    expect(rateLimitHeaders(states)).toMatchObject({
      'x-ratelimit-limit-requests': '5',
      'x-ratelimit-remaining-requests': '2',
    });
  });

  test('say nothing where no limit is set', () => {
    expect(rateLimitHeaders([state({ kind: 'concurrency' })])).toEqual({});
  });
});

test.each([
  [0, '0s'],
  [-5, '0s'],
  [120, '120ms'],
  [0.2, '1ms'],
  [1_000, '1s'],
  [1_500, '1.5s'],
  [59_999, '59.999s'],
  [60_000, '1m0s'],
  [360_000, '6m0s'],
  [3_600_000, '1h0m0s'],
  [90_061_001, '25h1m1.001s'],
])('%s ms are written as %s', (ms, text) => {
  expect(goDuration(ms)).toBe(text);
});

describe('the wait of a refusal', () => {
  test.each([
    [1, '1', '1000'],
    [1_000, '1', '1000'],
    [1_001, '2', '1001'],
    [59_999.2, '60', '60000'],
    [3_600_000, '60', '60000'],
  ])('of %s ms is announced as %s s and %s ms', (wait, seconds, ms) => {
    expect(retryHeaders(wait)).toEqual({ 'retry-after': seconds, 'retry-after-ms': ms });
  });

  test('is short for concurrency, where a lease may come back at any moment', () => {
    expect(retryHeaders(600_000, 'concurrency')['retry-after']).toBe('1');
  });
});
