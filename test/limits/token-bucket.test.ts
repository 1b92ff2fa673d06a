import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryRateLimiter } from '../../src/limits/memory-rate-limiter.js';
import { covers, levelAt, waitFor } from '../../src/limits/token-bucket.js';

const HALF_THE_ROUNDING = 5e-7;
/** Of sums near 1e8, whose neighbors are 1.5e-8 apart. */
const FLOAT_ERROR = 1e-7;

const capacities = fc.integer({ min: 1, max: 100_000_000 });

describe('a token bucket', () => {
  test('covers a cost after the wait it names, and 1 ms earlier is short by half the rounding at least', () => {
    const level = fc.double({ min: -1e8, max: 1e8, noNaN: true });
    fc.assert(
      fc.property(capacities, level, fc.double({ min: 0, max: 1, noNaN: true }), (capacity, start, part) => {
        const cost = Math.ceil(part * capacity);
        const bucket = { level: Math.min(start, capacity), at: 0 };
        const wait = waitFor(bucket.level, cost, capacity);
        expect(covers(levelAt(bucket, capacity, wait), cost)).toBe(true);
        if (wait > 1) expect(levelAt(bucket, capacity, wait - 1)).toBeLessThan(cost - HALF_THE_ROUNDING + FLOAT_ERROR);
      }),
    );
  });

  test('ignores a clock that went back', () => {
    expect(levelAt({ level: 3, at: 1_000 }, 60, 0)).toBe(3);
  });
});

describe('any pattern of arrivals', () => {
  const arrivals = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: 20_000 }),
      tokens: fc.integer({ min: 0, max: 100 }),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 80 },
  );
  const limits = fc.record({
    requestsPerMinute: fc.integer({ min: 1, max: 30 }),
    tokensPerMinute: fc.integer({ min: 100, max: 500 }),
    concurrentRequests: fc.integer({ min: 1, max: 6 }),
  });

  test('is admitted within capacity + rate·t requests and tokens in every window, and within the leases', () => {
    fc.assert(
      fc.property(arrivals, limits, fc.boolean(), (pattern, bounds, finishes) => {
        let now = 0;
        const limiter = memoryRateLimiter({ now: () => now });
        const subjects = [{ subject: 'account:a', limits: bounds }];
        const admitted: { at: number; tokens: number }[] = [];
        let running = 0;
        for (const [index, { wait, tokens, used }] of pattern.entries()) {
          now += wait;
          const id = String(index);
          const result = limiter.admit({ id, group: 'a', subjects, tokens, leaseMs: Number.MAX_SAFE_INTEGER });
          if (!result.ok) continue;
          running++;
          expect(running).toBeLessThanOrEqual(bounds.concurrentRequests);
          const actualTokens = finishes ? Math.floor(used * tokens) : tokens;
          admitted.push({ at: now, tokens: actualTokens });
          if (!finishes) continue;
          limiter.finish({ id, group: 'a', subjects, estimatedTokens: tokens, actualTokens });
          running--;
        }
        for (const [first, { at }] of admitted.entries()) {
          let sum = 0;
          for (let last = first; last < admitted.length; last++) {
            const minutes = ((admitted[last]?.at ?? 0) - at) / 60_000;
            sum += admitted[last]?.tokens ?? 0;
            expect(last - first + 1).toBeLessThanOrEqual(bounds.requestsPerMinute * (1 + minutes) + 1e-3);
            expect(sum).toBeLessThanOrEqual(bounds.tokensPerMinute * (1 + minutes) + 1e-3);
          }
        }
      }),
    );
  });

  test('leaves no trace of what it refused', () => {
    fc.assert(
      fc.property(arrivals, limits, (pattern, bounds) => {
        let now = 0;
        const [hammered, calm] = [0, 1].map(() => memoryRateLimiter({ now: () => now }));
        const subjects = [{ subject: 'account:a', limits: bounds }];
        for (const [index, { wait, tokens }] of pattern.entries()) {
          now += wait;
          const request = { id: String(index), group: 'a', subjects, tokens, leaseMs: 30_000 };
          const result = hammered?.admit(request);
          if (result?.ok) expect(calm?.admit(request)).toEqual(result);
        }
      }),
    );
  });
});

describe('memory', () => {
  test('what is full again is forgotten: 300,000 subjects in 50 minutes leave little behind', () => {
    let now = 0;
    const limiter = memoryRateLimiter({ now: () => now });
    const before = heapInUse();
    for (let i = 0; i < 300_000; i++) {
      now += 10;
      const subjects = [{ subject: `key:${i}`, limits: { requestsPerMinute: 600, concurrentRequests: 5 } }];
      limiter.admit({ id: String(i), group: 'a', subjects, tokens: 0, leaseMs: 1_000 });
    }
    const kept = heapInUse() - before;
    expect(limiter.peek({ group: 'a', subjects: [] })).toEqual([]);
    expect(kept).toBeLessThan(20_000_000);
  });
});

/** Bytes of living objects: garbage is collected first. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
