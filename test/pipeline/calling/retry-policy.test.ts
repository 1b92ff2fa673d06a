import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import { adviseRetry, isTargetFault } from '../../../src/pipeline/calling/retry-policy.js';
import { UpstreamError, type UpstreamFault } from '../../../src/upstream/upstream-error.js';

const RULES = { baseDelayMs: 500, maxDelayMs: 8_000, maxRetryAfterMs: 2_000, fallbackOnAuthError: false };

function failure(fault: UpstreamFault, details: { status?: number; retryAfterMs?: number } = {}): UpstreamError {
  return new UpstreamError(fault, new GatewayError('upstream_error'), details);
}

function advise(error: UpstreamError, { repeats = 0, streaming = false, rules = RULES, random = 1 } = {}): string {
  const { again, elsewhere, delayMs } = adviseRetry(error, repeats, streaming, rules, () => random);
  return [again ? `again in ${delayMs}` : '', elsewhere ? 'elsewhere' : ''].filter(Boolean).join(', ') || 'never';
}

describe('what follows a failed attempt', () => {
  test.each<[UpstreamFault, number | undefined, string]>([
    ['connect', undefined, 'again in 0, elsewhere'],
    ['lost', undefined, 'elsewhere'],
    ['timeout', undefined, 'elsewhere'],
    ['event', undefined, 'elsewhere'],
    ['event', 500, 'elsewhere'],
    ['event', 529, 'again in 500, elsewhere'],
    ['event', 429, 'again in 500, elsewhere'],
    ['event', 400, 'never'],
    ['truncated', undefined, 'never'],
    ['invalid', undefined, 'never'],
    ['auth', 401, 'never'],
    ['shutdown', undefined, 'never'],
    ['status', 408, 'again in 500, elsewhere'],
    ['status', 409, 'again in 500, elsewhere'],
    ['status', 429, 'again in 500, elsewhere'],
    ['status', 500, 'again in 500, elsewhere'],
    ['status', 529, 'again in 500, elsewhere'],
    ['status', 302, 'never'],
    ['status', 400, 'never'],
    ['status', 404, 'never'],
    ['status', 422, 'never'],
  ])('%s %s: %s', (fault, status, expected) => {
    expect(advise(failure(fault, status === undefined ? {} : { status }))).toBe(expected);
  });

  test('a stream that made no sense has cost little', () => {
    for (const fault of ['truncated', 'invalid'] as const)
      expect(advise(failure(fault), { streaming: true })).toBe('elsewhere');
  });

  test('an ill target gets a second chance, not a third; a busy one gets more', () => {
    expect(advise(failure('connect'), { repeats: 1 })).toBe('elsewhere');
    expect(advise(failure('status', { status: 500 }), { repeats: 1 })).toBe('elsewhere');
    expect(advise(failure('status', { status: 429 }), { repeats: 1 })).toBe('again in 1000, elsewhere');
  });

  test('the pause is a random part of one that doubles up to a limit', () => {
    const busy = failure('status', { status: 429 });
    expect(advise(busy, { repeats: 2, random: 0.25 })).toBe('again in 500, elsewhere');
    expect(advise(busy, { repeats: 10 })).toBe('again in 8000, elsewhere');
    expect(advise(busy, { random: 0 })).toBe('again in 0, elsewhere');
  });

  test.each([429, 503])('a retry-after of %i is kept, or the target is left alone', (status) => {
    expect(advise(failure('status', { status, retryAfterMs: 2_000 }))).toBe('again in 2000, elsewhere');
    expect(advise(failure('status', { status, retryAfterMs: 2_001 }))).toBe('elsewhere');
  });

  test('a refused credential goes elsewhere only where the operator wants it', () => {
    expect(advise(failure('auth', { status: 401 }), { rules: { ...RULES, fallbackOnAuthError: true } })).toBe(
      'elsewhere',
    );
  });
});

test('what counts against a target', () => {
  const ill = [failure('connect'), failure('lost'), failure('timeout'), failure('truncated'), failure('invalid')];
  for (const error of [...ill, failure('event'), failure('event', { status: 529 }), failure('status', { status: 503 })])
    expect(isTargetFault(error), error.fault).toBe(true);
  const well = [failure('auth', { status: 500 }), failure('shutdown'), failure('status', { status: 400 })];
  for (const error of [...well, failure('status', { status: 429 }), failure('event', { status: 400 })])
    expect(isTargetFault(error), error.fault).toBe(false);
});
