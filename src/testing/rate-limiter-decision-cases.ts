import { deepEqual, equal, ok } from 'node:assert/strict';
import type { MaybePromise } from '../lib/maybe-promise.js';
import type { Admission, AdmitRequest, LimitSubject, Limits, RateLimiter } from '../limits/rate-limiter.js';
import { atOnce, uniqueName } from './suite.js';
import type { TestClock } from './test-clock.js';

/** One test of the limiter suite. */
export interface LimiterCase {
  readonly name: string;
  /** True: the test moves time. */
  readonly needsClock?: boolean;
  readonly run: (limiter: RateLimiter, clock: TestClock) => MaybePromise<void>;
}

/** A fresh subject with these limits. */
export function subjectWith(limits: Limits, kind = 'account'): LimitSubject {
  return { subject: `${kind}:${uniqueName(kind)}`, limits };
}

/** A request of these subjects with a fresh id. */
export function requestFor(subjects: readonly LimitSubject[], tokens = 0, leaseMs = 600_000): AdmitRequest {
  return { id: uniqueName('request'), group: subjects[0]?.subject ?? 'none', subjects, tokens, leaseMs };
}

/** Finishes an admitted request. */
export function finish(limiter: RateLimiter, request: AdmitRequest, actualTokens: number): MaybePromise<void> {
  const { id, group, subjects, tokens: estimatedTokens } = request;
  return limiter.finish({ id, group, subjects, estimatedTokens, actualTokens });
}

/** Decisions that hold at one instant, on any clock. */
export const decisionCases: readonly LimiterCase[] = [
  {
    name: 'without limits everything is admitted and no state is shown',
    async run(limiter) {
      deepEqual(await limiter.admit(requestFor([])), { ok: true, states: [] });
      deepEqual(await limiter.admit(requestFor([subjectWith({})], 1e6)), { ok: true, states: [] });
    },
  },
  {
    name: 'a full bucket admits its capacity at once, and not one more',
    async run(limiter) {
      const subjects = [subjectWith({ requestsPerMinute: 10 })];
      const results = await atOnce(200, () => limiter.admit(requestFor(subjects)));
      equal(count(results), 10);
      for (const result of results) if (!result.ok) deepEqual(result.refused.kind, 'requests');
    },
  },
  {
    name: 'the states report limit, whole remaining and time to full of each limit that is set',
    async run(limiter) {
      const subject = subjectWith({ requestsPerMinute: 60, tokensPerMinute: 6_000, concurrentRequests: 5 });
      const result = await limiter.admit(requestFor([subject], 100));
      ok(result.ok);
      const seen = Object.fromEntries(result.states.map(({ kind, ...state }) => [kind, state]));
      const name = subject.subject;
      deepEqual(seen, {
        requests: { subject: name, limit: 60, remaining: 59, resetMs: 1_000 },
        tokens: { subject: name, limit: 6_000, remaining: 5_900, resetMs: 1_000 },
        concurrency: { subject: name, limit: 5, remaining: 4, resetMs: 0 },
      });
    },
  },
  {
    name: 'of requests and tokens at once, 250 of 60 tokens, exactly what both limits allow is admitted',
    async run(limiter) {
      const subjects = [subjectWith({ requestsPerMinute: 100, tokensPerMinute: 5_000 })];
      const results = await atOnce(250, () => limiter.admit(requestFor(subjects, 60)));
      equal(count(results), 83);
      const last = await limiter.admit(requestFor(subjects, 60));
      const left = Object.fromEntries(last.states.map((state) => [state.kind, state.remaining]));
      equal(left['requests'], 17);
      ok((left['tokens'] ?? 0) >= 20 && (left['tokens'] ?? 0) < 60, `${left['tokens']} tokens are left`);
    },
  },
  {
    name: 'a refusal by one subject spends nothing of the other, whichever comes first',
    async run(limiter) {
      const account = subjectWith({ requestsPerMinute: 10, tokensPerMinute: 1_000, concurrentRequests: 10 });
      const key = subjectWith({ requestsPerMinute: 1 }, 'key');
      equal((await limiter.admit(requestFor([account, key], 10))).ok, true);
      for (const order of [
        [account, key],
        [key, account],
      ]) {
        const refused = await limiter.admit({ ...requestFor(order, 10), group: account.subject });
        ok(!refused.ok);
        deepEqual([refused.refused.subject, refused.refused.kind], [key.subject, 'requests']);
      }
      const { states } = await limiter.admit(requestFor([account], 10));
      const left = Object.fromEntries(states.map((state) => [state.kind, state.remaining]));
      deepEqual([left['requests'], left['concurrency']], [8, 8]);
      equal(left['tokens'], 980);
    },
  },
  {
    name: 'the limit that refuses longest is named',
    async run(limiter) {
      const subject = subjectWith({ requestsPerMinute: 60, tokensPerMinute: 60 });
      for (let i = 0; i < 60; i++) await limiter.admit(requestFor([subject], 1));
      const refused = await limiter.admit(requestFor([subject], 50));
      ok(!refused.ok);
      equal(refused.refused.kind, 'tokens');
      ok(refused.retryAfterMs > 40_000 && refused.retryAfterMs <= 50_000, `${refused.retryAfterMs} ms`);
    },
  },
  {
    name: 'a concurrency limit admits its number at once, and one more when one has finished',
    async run(limiter) {
      const subjects = [subjectWith({ concurrentRequests: 3 })];
      const requests = Array.from({ length: 50 }, () => requestFor(subjects));
      const results = await Promise.all(requests.map(async (request) => limiter.admit(request)));
      equal(count(results), 3);
      const running = requests.filter((_, i) => results[i]?.ok);
      const [first] = running;
      ok(first);
      await finish(limiter, first, 0);
      await finish(limiter, first, 0);
      equal(count(await atOnce(10, () => limiter.admit(requestFor(subjects)))), 1);
    },
  },
  {
    name: 'a refusal by concurrency is named so and takes no request and no tokens',
    async run(limiter) {
      const subject = subjectWith({ concurrentRequests: 1, requestsPerMinute: 5, tokensPerMinute: 500 });
      const running = requestFor([subject], 100);
      await limiter.admit(running);
      const refused = await limiter.admit(requestFor([subject], 100));
      ok(!refused.ok && refused.retryAfterMs >= 1);
      equal(refused.refused.kind, 'concurrency');
      await finish(limiter, running, 100);
      const next = await limiter.admit(requestFor([subject], 100));
      const left = Object.fromEntries(next.states.map((state) => [state.kind, state.remaining]));
      deepEqual([next.ok, left['requests'], left['tokens']], [true, 3, 300]);
    },
  },
  {
    name: 'unused tokens come back when the request finishes, once',
    async run(limiter) {
      const subjects = [subjectWith({ tokensPerMinute: 1_000 })];
      const request = requestFor(subjects, 1_000);
      await limiter.admit(request);
      await atOnce(5, () => finish(limiter, request, 200));
      const [state] = (await limiter.admit(requestFor(subjects, 0))).states;
      ok(state && state.remaining >= 800 && state.remaining < 850, `${state?.remaining} tokens are left`);
    },
  },
  {
    name: 'finish of a request that was never admitted changes nothing',
    async run(limiter) {
      const subjects = [subjectWith({ tokensPerMinute: 1_000 })];
      await limiter.admit(requestFor(subjects, 500));
      await finish(limiter, requestFor(subjects, 400), 0);
      const [state] = (await limiter.admit(requestFor(subjects, 0))).states;
      ok(state && state.remaining < 550, `${state?.remaining} tokens are left`);
    },
  },
  {
    name: 'tokens may be taken after the rest, once, and refused without a trace',
    async run(limiter) {
      if (!limiter.take) return;
      const limits = { requestsPerMinute: 5, tokensPerMinute: 1_000, concurrentRequests: 2 };
      const subjects = [subjectWith(limits), subjectWith({ tokensPerMinute: 800 })];
      const request = requestFor(subjects, 0);
      equal((await limiter.admit(request)).ok, true);
      const refused = await limiter.take({ ...request, tokens: 900 });
      ok(!refused.ok);
      deepEqual([refused.refused.kind, refused.refused.subject], ['tokens', subjects[1]?.subject]);
      const taken = await limiter.take({ ...request, tokens: 700 });
      const left = taken.states.map(({ kind, remaining }) => [kind, Math.round(remaining / 50) * 50 || remaining]);
      deepEqual(
        [taken.ok, left],
        [
          true,
          [
            ['requests', 4],
            ['tokens', 300],
            ['concurrency', 1],
            ['tokens', 100],
          ],
        ],
      );
      await limiter.finish({ id: request.id, group: request.group, subjects, estimatedTokens: 700, actualTokens: 200 });
      const states = await limiter.peek({ group: request.group, subjects });
      ok((states[1]?.remaining ?? 0) >= 800, `${states[1]?.remaining} tokens are left`);
      equal(states[2]?.remaining, 2);
    },
  },
  {
    name: 'a request that was refused before it ran goes back to its bucket',
    async run(limiter) {
      if (!limiter.take) return;
      const subjects = [subjectWith({ requestsPerMinute: 5, concurrentRequests: 1 })];
      for (let i = 0; i < 20; i++) {
        const request = requestFor(subjects, 0);
        equal((await limiter.admit(request)).ok, true, `request ${i}`);
        const { id, group } = request;
        await limiter.finish({ id, group, subjects, estimatedTokens: 0, actualTokens: 0, refused: true });
      }
      const states = await limiter.peek({ group: requestFor(subjects).group, subjects });
      deepEqual(
        states.map(({ remaining }) => remaining),
        [5, 1],
      );
    },
  },
  {
    name: 'subjects are kept apart',
    async run(limiter) {
      const [one, other] = [subjectWith({ requestsPerMinute: 1 }), subjectWith({ requestsPerMinute: 1 })];
      equal((await limiter.admit(requestFor([one]))).ok, true);
      equal((await limiter.admit(requestFor([one]))).ok, false);
      equal((await limiter.admit(requestFor([other]))).ok, true);
    },
  },
  {
    name: 'a limit that changes holds from the next request on',
    async run(limiter) {
      const { subject } = subjectWith({});
      const admit = async (requestsPerMinute: number) =>
        limiter.admit(requestFor([{ subject, limits: { requestsPerMinute } }]));
      equal((await admit(100)).ok, true);
      const lowered = await admit(2);
      deepEqual([lowered.ok, lowered.states[0]?.limit, lowered.states[0]?.remaining], [true, 2, 1]);
      equal((await admit(2)).ok, true);
      const refused = await admit(2);
      deepEqual([refused.ok, refused.states[0]?.remaining], [false, 0]);
    },
  },
];

function count(results: readonly Admission[]): number {
  return results.filter((result) => result.ok).length;
}
