import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RetryBudget } from '../../../src/pipeline/calling/retry-budget.js';

const T = 1_000_000;

/** How many of so many retries, begun and ended one after the other, are allowed. */
function allowed(budget: RetryBudget, tries: number, now: number): number {
  let count = 0;
  for (let i = 0; i < tries; i += 1) {
    if (!budget.acquire(now)) continue;
    count += 1;
    budget.release();
  }
  return count;
}

function after(requests: number, now = T): RetryBudget {
  const budget = new RetryBudget();
  for (let i = 0; i < requests; i += 1) budget.request(now);
  return budget;
}

test('three at once, ten in ten seconds, however few requests there are', () => {
  const budget = after(1);
  expect([1, 2, 3, 4].map(() => budget.acquire(T))).toEqual([true, true, true, false]);
  budget.release();
  expect(budget.acquire(T)).toBe(true);
  expect(allowed(after(1), 100, T)).toBe(10);
});

test('a fifth of the requests of the last ten seconds, running and begun', () => {
  expect(allowed(after(1_000), 1_000, T)).toBe(200);
  const budget = after(1_000);
  let running = 0;
  while (budget.acquire(T)) running += 1;
  expect(running).toBe(200);
});

test('what lies back more than ten seconds fades', () => {
  const budget = after(1_000);
  allowed(budget, 1_000, T);
  expect(allowed(budget, 1_000, T + 10_000)).toBe(0);
  expect(allowed(budget, 1_000, T + 25_000)).toBe(10);
});

test('what is allowed is bounded by the requests, whatever comes when', () => {
  const steps = fc.array(fc.record({ wait: fc.nat(3_000), requests: fc.nat(50), retries: fc.nat(50) }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const budget = new RetryBudget();
      let now = T;
      let requests = 0;
      let retries = 0;
      for (const step of list) {
        now += step.wait;
        for (let i = 0; i < step.requests; i += 1) budget.request(now);
        requests += step.requests;
        retries += allowed(budget, step.retries, now);
      }
      const windows = 2 + Math.floor((now - T) / 10_000);
      expect(retries).toBeLessThanOrEqual(requests * 0.4 + 10 * windows);
    }),
  );
});
