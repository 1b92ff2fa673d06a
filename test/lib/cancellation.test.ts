import { expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/lib/cancellation.js';

test('tells everyone who listens, once', () => {
  const cancellation = new Cancellation();
  const listeners = [vi.fn(), vi.fn(), vi.fn()];
  for (const listener of listeners) cancellation.onCancel(listener);
  expect(cancellation.canceled).toBe(false);
  cancellation.cancel();
  cancellation.cancel();
  expect(cancellation.canceled).toBe(true);
  for (const listener of listeners) expect(listener).toHaveBeenCalledOnce();
});

test('tells who comes later at once', () => {
  const cancellation = new Cancellation();
  cancellation.cancel();
  const listener = vi.fn();
  cancellation.onCancel(listener);
  expect(listener).toHaveBeenCalledOnce();
});

test.each([0, 1, 2])('does not tell the one of three listeners that has left (%i)', (which) => {
  const cancellation = new Cancellation();
  const listeners = [vi.fn(), vi.fn(), vi.fn()];
  for (const listener of listeners) cancellation.onCancel(listener);
  cancellation.off(listeners[which] ?? expect.unreachable());
  cancellation.cancel();
  expect(listeners.map((listener) => listener.mock.calls.length)).toEqual([0, 1, 2].map((i) => (i === which ? 0 : 1)));
});

test('is a signal for those who ask for one, before or after', () => {
  const cancellation = new Cancellation();
  const early = cancellation.signal;
  expect(early.aborted).toBe(false);
  expect(cancellation.signal).toBe(early);
  cancellation.cancel();
  expect(early.aborted).toBe(true);
  const late = new Cancellation();
  late.cancel();
  expect(late.signal.aborted).toBe(true);
});

test('follows the signal of somebody else until it is released', () => {
  const [followed, released] = [new AbortController(), new AbortController()];
  const one = Cancellation.following(followed.signal);
  const two = Cancellation.following(released.signal);
  two.release();
  followed.abort();
  released.abort();
  expect([one.canceled, two.canceled]).toEqual([true, false]);
  expect(Cancellation.following(AbortSignal.abort()).canceled).toBe(true);
});
