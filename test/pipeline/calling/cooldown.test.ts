import { describe, expect, test } from 'vitest';
import { Cooldown } from '../../../src/pipeline/calling/cooldown.js';

const T = 1_000_000;

function failed(times: number, at = T): Cooldown {
  const cooldown = new Cooldown();
  for (let i = 0; i < times; i += 1) cooldown.failed(at);
  return cooldown;
}

describe('a target', () => {
  test('opens after five failures in a row, not after four', () => {
    expect(failed(4).state(T)).toMatchObject({ state: 'closed', retryInMs: 0, consecutiveFailures: 4 });
    expect(failed(5).state(T)).toMatchObject({ state: 'open', retryInMs: 30_000 });
    const mended = failed(4);
    mended.succeeded(T);
    mended.failed(T);
    expect(mended.state(T).state).toBe('closed');
  });

  test('opens when half of twenty calls within 30 s fail', () => {
    const cooldown = new Cooldown();
    for (let i = 0; i < 9; i += 1) {
      cooldown.failed(T);
      cooldown.succeeded(T);
    }
    cooldown.succeeded(T);
    expect(cooldown.state(T).state).toBe('closed');
    cooldown.failed(T);
    expect(cooldown.state(T).state).toBe('open');
  });

  test('forgets the calls of an earlier window', () => {
    const cooldown = new Cooldown();
    for (let i = 0; i < 12; i += 1) {
      cooldown.failed(T);
      cooldown.succeeded(T);
      if (i === 8) cooldown.succeeded(T + 30_001);
    }
    expect(cooldown.state(T + 30_001).state).toBe('closed');
  });

  test('stays open longer each time in a row, up to five minutes', () => {
    const cooldown = failed(5);
    let now = T;
    for (const wait of [
      30_000, 60_000, 90_000, 120_000, 150_000, 180_000, 210_000, 240_000, 270_000, 300_000, 300_000,
    ]) {
      expect(cooldown.state(now)).toMatchObject({ state: 'open', retryInMs: wait });
      now += wait;
      expect(cooldown.acquire(now)).toBe('probe');
      cooldown.failed(now);
    }
    now += 300_000;
    cooldown.acquire(now);
    cooldown.succeeded(now);
    for (let i = 0; i < 5; i += 1) cooldown.failed(now);
    expect(cooldown.state(now).retryInMs).toBe(30_000);
  });
});

describe('a half-open target', () => {
  const now = T + 30_000;

  test('lets one probe through', () => {
    const cooldown = failed(5);
    expect(cooldown.acquire(now - 1)).toBeUndefined();
    expect(cooldown.acquire(now)).toBe('probe');
    expect(cooldown.acquire(now)).toBeUndefined();
    cooldown.succeeded(now);
    expect([cooldown.acquire(now), cooldown.acquire(now)]).toEqual(['free', 'free']);
  });

  test('gives the place of a probe back only to the probe', () => {
    const cooldown = failed(5);
    const permit = cooldown.acquire(now);
    cooldown.abandoned('free');
    cooldown.abandoned(undefined);
    cooldown.paused(now, 0, 'free');
    expect(cooldown.acquire(now)).toBeUndefined();
    cooldown.abandoned(permit);
    expect(cooldown.acquire(now)).toBe('probe');
  });

  test('frees the place of a probe that never came back after a minute', () => {
    const cooldown = failed(5);
    cooldown.acquire(now);
    expect(cooldown.acquire(now + 59_999)).toBeUndefined();
    expect(cooldown.acquire(now + 60_000)).toBe('probe');
  });
});

describe('a pause that a provider asks for', () => {
  test('neither opens nor closes the circuit', () => {
    const cooldown = new Cooldown();
    cooldown.paused(T, 2_000, 'free');
    expect(cooldown.state(T)).toMatchObject({ state: 'paused', retryInMs: 2_000, consecutiveFailures: 0 });
    cooldown.paused(T, 1_000, 'free');
    expect(cooldown.state(T).retryInMs).toBe(2_000);
    expect(cooldown.acquire(T + 2_000)).toBe('free');
  });

  test('is believed for five minutes at most', () => {
    const cooldown = new Cooldown();
    cooldown.paused(T, 1e15, 'free');
    expect(cooldown.state(T).retryInMs).toBe(300_000);
  });

  test('a pause that the requests of one account brought about is for that account, until another meets it', () => {
    const cooldown = new Cooldown();
    cooldown.paused(T, 2_000, 'free', 'user_1');
    expect([cooldown.acquire(T, 'user_1'), cooldown.acquire(T, 'user_2')]).toEqual([undefined, 'free']);
    expect(cooldown.state(T).state).toBe('paused');
    cooldown.paused(T + 100, 2_000, 'free', 'user_2');
    expect(['user_1', 'user_2', 'user_3'].map((id) => cooldown.acquire(T + 200, id))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(cooldown.acquire(T + 2_100, 'user_3')).toBe('free');
  });
});
