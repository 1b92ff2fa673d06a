import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRetryAfter, statusError } from '../../src/providers/upstream-status.js';

describe('the wait that a provider asks for', () => {
  const now = Date.parse('Sat, 21 Nov 2026 12:00:00 GMT');

  it.each([
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': '20' }, 20_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT', date: 'Sat, 21 Nov 2026 12:00:20 GMT' }, 10_000],
  ])('in %o is %i ms', (headers, expected) => {
    expect(readRetryAfter(headers, now)).toBe(expected);
  });

  it.each(['', 'soon', '-5', 'NaN', 'Infinity', '1e9', 'Xyz, 99 Foo 2026'])('is unknown in %j', (value) => {
    expect(readRetryAfter({ 'retry-after': value, 'retry-after-ms': value }, now)).toBeUndefined();
  });

  it('reaches the client as 1 to 60 seconds, whatever the provider says', () => {
    fc.assert(
      fc.property(fc.option(fc.double({ min: 0, max: 1e12 }), { nil: undefined }), (retryAfterMs) => {
        const { clientError } = statusError({ status: 429, headers: {}, retryAfterMs });
        const seconds = Number(clientError.headers['retry-after']);
        expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60).toBe(true);
      }),
    );
  });
});

describe('the status of a provider', () => {
  it('never becomes 401, 402, 403 or 429 for the client, and always an error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), fc.option(fc.string(), { nil: undefined }), (status, message) => {
        const { clientError } = statusError({ status, headers: {}, message });
        expect([401, 402, 403, 429]).not.toContain(clientError.status);
        expect(clientError.status).toBeGreaterThanOrEqual(400);
      }),
    );
  });

  it('529, which no client knows, becomes 503', () => {
    expect(statusError({ status: 529, headers: {} }).clientError.status).toBe(503);
  });
});
