import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Limits } from '../limits/rate-limiter.js';
import { finish, type LimiterCase, requestFor, subjectWith } from './rate-limiter-decision-cases.js';
import { seededRandom } from './seeded-random.js';

const MINUTE = 60_000;

/** What must hold as time passes. */
export const bucketCases: readonly LimiterCase[] = [
  {
    name: 'never more than capacity + rate·t is admitted in any window, and under pressure not less either',
    needsClock: true,
    async run(limiter, clock) {
      for (const seed of [1, 2, 3, 4]) {
        const random = seededRandom(seed);
        const capacity = random.pick([1, 7, 60, 1_000]);
        const subjects = [subjectWith({ requestsPerMinute: capacity })];
        const start = clock.now();
        const admitted: number[] = [];
        for (let i = 0; i < 600; i++) {
          if (random.next() < 0.5) clock.advance(random.integer(1, (4 * MINUTE) / capacity));
          if ((await limiter.admit(requestFor(subjects))).ok) admitted.push(clock.now());
        }
        for (const [first, from] of admitted.entries())
          for (let last = first; last < admitted.length; last++) {
            const elapsed = (admitted[last] ?? 0) - from;
            const bound = capacity + (capacity * elapsed) / MINUTE;
            ok(last - first + 1 <= bound + 1e-3, `${last - first + 1} in ${elapsed} ms, at most ${bound}`);
          }
        ok(admitted.length > 0 && clock.now() > start);
      }
    },
  },
  {
    name: 'a bucket under constant pressure admits exactly capacity + rate·t',
    needsClock: true,
    async run(limiter, clock) {
      const subjects = [subjectWith({ requestsPerMinute: 50 })];
      let admitted = 0;
      for (let second = 0; second <= 180; second++) {
        for (let i = 0; i < 60; i++) if ((await limiter.admit(requestFor(subjects))).ok) admitted++;
        if (second < 180) clock.advance(1_000);
      }
      equal(admitted, 50 + 150);
    },
  },
  {
    name: 'at the edge of a minute no more than one capacity is admitted',
    needsClock: true,
    async run(limiter, clock) {
      const subjects = [subjectWith({ requestsPerMinute: 100 })];
      clock.set(Math.ceil(clock.now() / MINUTE) * MINUTE - 1);
      let admitted = 0;
      for (let i = 0; i < 150; i++) if ((await limiter.admit(requestFor(subjects))).ok) admitted++;
      clock.advance(2);
      for (let i = 0; i < 150; i++) if ((await limiter.admit(requestFor(subjects))).ok) admitted++;
      equal(admitted, 100);
    },
  },
  {
    name: 'after exactly the wait that a refusal names, the same request is admitted; 1 ms earlier it is not',
    needsClock: true,
    async run(limiter, clock) {
      const random = seededRandom(7);
      for (let round = 0; round < 40; round++) {
        const limits: Limits = {
          requestsPerMinute: random.integer(1, 600),
          tokensPerMinute: random.integer(100, 9_999),
        };
        const subjects = [subjectWith(limits)];
        const tokens = random.integer(1, 100);
        let refused = await limiter.admit(requestFor(subjects, tokens));
        while (refused.ok) refused = await limiter.admit(requestFor(subjects, tokens));
        clock.advance(refused.retryAfterMs - 1);
        const early = refused.retryAfterMs > 1 && (await limiter.admit(requestFor(subjects, tokens)));
        if (early) deepEqual([early.ok, early.ok ? 0 : early.retryAfterMs], [false, 1]);
        clock.advance(1);
        equal((await limiter.admit(requestFor(subjects, tokens))).ok, true, `after ${refused.retryAfterMs} ms`);
      }
    },
  },
  {
    name: 'refusals spend nothing: hammering does not delay the next admission',
    needsClock: true,
    async run(limiter, clock) {
      const subjects = [subjectWith({ requestsPerMinute: 6 })];
      for (let i = 0; i < 6; i++) await limiter.admit(requestFor(subjects));
      for (let ms = 0; ms < 10_000; ms += 100) {
        equal((await limiter.admit(requestFor(subjects))).ok, false, `after ${ms} ms`);
        clock.advance(100);
      }
      equal((await limiter.admit(requestFor(subjects))).ok, true);
    },
  },
  {
    name: 'a bucket refills to its capacity and no further',
    needsClock: true,
    async run(limiter, clock) {
      const subjects = [subjectWith({ requestsPerMinute: 5 })];
      await limiter.admit(requestFor(subjects));
      clock.advance(24 * 60 * MINUTE);
      let admitted = 0;
      while ((await limiter.admit(requestFor(subjects))).ok) admitted++;
      equal(admitted, 5);
    },
  },
  {
    name: 'returned tokens never fill a bucket beyond its capacity',
    needsClock: true,
    async run(limiter, clock) {
      const subjects = [subjectWith({ tokensPerMinute: 1_000 })];
      const request = requestFor(subjects, 900);
      await limiter.admit(request);
      clock.advance(MINUTE);
      await finish(limiter, request, 0);
      equal((await limiter.admit(requestFor(subjects, 1_001))).ok, false);
      equal((await limiter.admit(requestFor(subjects, 1_000))).ok, true);
      equal((await limiter.admit(requestFor(subjects, 1))).ok, false);
    },
  },
  {
    name: 'tokens used beyond the estimate are owed: the next request waits until they are repaid',
    needsClock: true,
    async run(limiter, clock) {
      const subjects = [subjectWith({ tokensPerMinute: 1_000 })];
      const request = requestFor(subjects, 100);
      await limiter.admit(request);
      await finish(limiter, request, 2_000);
      const refused = await limiter.admit(requestFor(subjects, 500));
      ok(!refused.ok);
      equal(refused.retryAfterMs, 90_000);
      equal(refused.refused.remaining, 0);
      clock.advance(90_000);
      equal((await limiter.admit(requestFor(subjects, 500))).ok, true);
    },
  },
  {
    name: 'a lease that was never released expires',
    needsClock: true,
    async run(limiter, clock) {
      const subjects = [subjectWith({ concurrentRequests: 2 })];
      await limiter.admit(requestFor(subjects, 0, 5_000));
      clock.advance(1_000);
      await limiter.admit(requestFor(subjects, 0, 5_000));
      const refused = await limiter.admit(requestFor(subjects));
      ok(!refused.ok);
      equal(refused.retryAfterMs, 4_000);
      clock.advance(3_999);
      equal((await limiter.admit(requestFor(subjects))).ok, false);
      clock.advance(1);
      equal((await limiter.admit(requestFor(subjects))).ok, true);
      equal((await limiter.admit(requestFor(subjects))).ok, false);
    },
  },
  {
    name: 'a bucket that is read every millisecond refills no slower for it',
    needsClock: true,
    async run(limiter, clock) {
      const subjects = [subjectWith({ tokensPerMinute: 6_000 })];
      await limiter.admit(requestFor(subjects, 6_000));
      for (let ms = 0; ms < 10; ms++) {
        equal((await limiter.admit(requestFor(subjects, 1))).ok, false, `after ${ms} ms`);
        const free = requestFor(subjects, 0);
        await limiter.admit(free);
        clock.advance(1);
        await finish(limiter, free, 0);
      }
      equal((await limiter.admit(requestFor(subjects, 1))).ok, true);
    },
  },
  {
    name: 'a large bucket stays exact over a day of small steps',
    needsClock: true,
    async run(limiter, clock) {
      const capacity = 100_000_000;
      const subjects = [subjectWith({ tokensPerMinute: capacity })];
      equal((await limiter.admit(requestFor(subjects, capacity))).ok, true);
      let taken = 0;
      for (let i = 0; i < 2_000; i++) {
        clock.advance(43_200);
        const tokens = (capacity * 43_200) / MINUTE;
        if ((await limiter.admit(requestFor(subjects, tokens))).ok) taken++;
      }
      equal(taken, 2_000);
      equal((await limiter.admit(requestFor(subjects, 1))).ok, false);
    },
  },
];
