import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Ticker } from '../../src/lib/ticker.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test('ticks as long as there is something to look after', () => {
  let left = 3;
  const ticker = new Ticker(100, () => --left > 0);
  ticker.start();
  ticker.start();
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(250);
  expect([left, ticker.running]).toEqual([1, true]);
  vi.advanceTimersByTime(500);
  expect([left, ticker.running]).toEqual([0, false]);
});

test('starts again after it has stopped', () => {
  let ticks = 0;
  const ticker = new Ticker(100, () => ++ticks % 2 === 1);
  for (const total of [2, 4]) {
    ticker.start();
    vi.advanceTimersByTime(1_000);
    expect(ticks).toBe(total);
  }
  ticker.start();
  ticker.stop();
  vi.advanceTimersByTime(1_000);
  expect(ticks).toBe(4);
});
