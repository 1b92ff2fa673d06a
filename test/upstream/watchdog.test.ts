import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Cancellation } from '../../src/lib/cancellation.js';
import { Watchdog } from '../../src/upstream/watchdog.js';

const LIMITS = { firstByteMs: 1_000, idleMs: 2_000, totalMs: 10_000 };
const FAR = 1e12;
let dog: Watchdog;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
  dog = new Watchdog(LIMITS);
});
afterEach(() => {
  expect(dog.size).toBe(0);
  dog.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a watch', () => {
  test('ends an exchange whose first byte does not come', async () => {
    const watch = dog.watch(undefined, FAR);
    await pass(999);
    expect(watch.cancellation.canceled).toBe(false);
    await pass(251);
    expect([watch.cancellation.canceled, watch.expired]).toEqual([true, 'first_byte']);
  });

  test('ends one that falls silent, counted from its last bytes', async () => {
    const watch = dog.watch(undefined, FAR);
    for (let i = 0; i < 5; i += 1) {
      await pass(900);
      watch.touch();
    }
    await pass(1_900);
    expect(watch.expired).toBeUndefined();
    await pass(350);
    expect(watch.expired).toBe('idle');
  });

  test('does not count silence that nobody waits in', async () => {
    const watch = dog.watch(undefined, FAR);
    watch.touch();
    watch.rest();
    await pass(9_000);
    expect(watch.expired).toBeUndefined();
    watch.touch();
    await pass(2_250);
    expect(watch.expired).toBe('idle');
  });

  test('ends one at its deadline, also while nobody waits', async () => {
    const watch = dog.watch(undefined, performance.now() + 3_000);
    watch.rest();
    await pass(3_250);
    expect(watch.expired).toBe('total');
  });

  test('ends with its client, and that is no limit', () => {
    const client = new Cancellation();
    const watch = dog.watch(client, FAR);
    client.cancel();
    const late = dog.watch(client, FAR);
    for (const { cancellation, expired } of [watch, late]) {
      expect([cancellation.canceled, expired]).toEqual([true, undefined]);
    }
    dog.shutdown();
    expect(watch.expired).toBeUndefined();
    watch.close();
    late.close();
  });

  test('is forgotten once closed', async () => {
    const watch = dog.watch(undefined, FAR);
    expect(dog.size).toBe(1);
    watch.close();
    expect(dog.size).toBe(0);
    await pass(5_000);
    expect(watch.cancellation.canceled).toBe(false);
  });
});

test('a shutdown ends what is open and what begins later', () => {
  const before = dog.watch(undefined, FAR);
  dog.shutdown();
  const later = dog.watch(undefined, FAR);
  expect([before.expired, later.expired, later.cancellation.canceled, dog.size]).toEqual([
    'shutdown',
    'shutdown',
    true,
    0,
  ]);
});

test('the timer ends with the first tick that has nothing to watch', async () => {
  dog.watch(undefined, FAR).close();
  expect(vi.getTimerCount()).toBe(1);
  await pass(250);
  expect(vi.getTimerCount()).toBe(0);
});

describe('a pause', () => {
  test('lasts as long as it should', async () => {
    let over: boolean | undefined;
    void dog.pause(5_000, undefined, FAR).then((result) => {
      over = result;
    });
    await pass(4_999);
    expect(over).toBeUndefined();
    await pass(1);
    expect(over).toBe(true);
  });

  test('ends with its client, with a shutdown, and does not begin when the deadline would pass', async () => {
    const client = new Cancellation();
    const left = dog.pause(5_000, client, FAR);
    client.cancel();
    expect(await left).toBe(false);
    expect(await dog.pause(5_000, undefined, performance.now() + 4_000)).toBe(false);
    expect(await dog.pause(0, undefined, FAR)).toBe(true);
    const cut = dog.pause(5_000, undefined, FAR);
    dog.shutdown();
    expect(await cut).toBe(false);
    expect(dog.size).toBe(0);
  });
});
