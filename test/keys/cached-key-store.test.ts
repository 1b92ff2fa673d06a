import { describe, expect, test, vi } from 'vitest';
import { cachedKeyStore, isActive } from '../../src/keys/cached-key-store.js';
import type { KeyEvents } from '../../src/keys/key-events.js';
import type { KeyStore, KeyWithAccount } from '../../src/keys/key-store.js';
import { memoryKeyStore } from '../../src/stores/memory/memory-key-store.js';
import { testClock } from '../../src/testing/test-clock.js';

const key = { id: 'key_1', hash: 'hash_1', accountId: 'user_1', name: 'laptop', hint: 'napi-ab12…wxyz', createdAt: 0 };

function counted(store: KeyStore = memoryKeyStore()) {
  const findKey = vi.fn(store.findKey.bind(store));
  return { store: { ...store, findKey }, findKey };
}

describe('a verified key', () => {
  test('is looked up once in ten seconds', async () => {
    const clock = testClock();
    const { store, findKey } = counted();
    const cached = cachedKeyStore(store, { now: clock.now });
    await cached.createKey(key);
    for (let i = 0; i < 5; i++) expect((await cached.find('hash_1'))?.key.id).toBe('key_1');
    clock.advance(9_999);
    await cached.find('hash_1');
    expect(findKey).toHaveBeenCalledTimes(1);
    clock.advance(1);
    await cached.find('hash_1');
    expect(findKey).toHaveBeenCalledTimes(2);
  });

  test('is looked up again when the clock is set back, and never lives longer than ten seconds by it', async () => {
    const [wall, steady] = [testClock(), testClock()];
    const { store, findKey } = counted();
    const cached = cachedKeyStore(store, { now: wall.now, monotonic: steady.now });
    await cached.createKey(key);
    await cached.find('hash_1');
    wall.advance(-3_600_000);
    await cached.find('hash_1');
    expect(findKey).toHaveBeenCalledTimes(2);
    steady.advance(10_000);
    await cached.find('hash_1');
    expect(findKey).toHaveBeenCalledTimes(3);
  });

  test('is not waited for without end when the store does not answer', async () => {
    const store: KeyStore = { ...memoryKeyStore(), findKey: () => new Promise(() => {}) };
    const cached = cachedKeyStore(store, { storeMs: 20 });
    await expect(cached.find('hash_1')).rejects.toThrow('the key store did not answer within 20 ms');
  });

  test('is answered from memory without a promise', async () => {
    const cached = cachedKeyStore(memoryKeyStore());
    await cached.createKey(key);
    await cached.find('hash_1');
    expect(cached.find('hash_1')).not.toBeInstanceOf(Promise);
  });

  test('that nobody has is asked for again after five seconds, or as soon as it is created', async () => {
    const clock = testClock();
    const { store, findKey } = counted();
    const cached = cachedKeyStore(store, { now: clock.now });
    for (let i = 0; i < 5; i++) expect(await cached.find('hash_1')).toBeUndefined();
    expect(findKey).toHaveBeenCalledTimes(1);
    clock.advance(5_000);
    await cached.find('hash_1');
    expect(findKey).toHaveBeenCalledTimes(2);
    await cached.createKey(key);
    expect((await cached.find('hash_1'))?.key.id).toBe('key_1');
  });

  test('can never be remembered longer than ten seconds, whatever is asked for', async () => {
    const clock = testClock();
    const { store, findKey } = counted();
    const cached = cachedKeyStore(store, { now: clock.now, ttlMs: 3_600_000, negativeTtlMs: 3_600_000 });
    await cached.createKey(key);
    await cached.find('hash_1');
    await cached.find('unknown');
    clock.advance(10_000);
    await cached.find('hash_1');
    await cached.find('unknown');
    expect(findKey).toHaveBeenCalledTimes(4);
  });

  test('is dropped at once by a revocation, a change and a new plan', async () => {
    const cached = cachedKeyStore(memoryKeyStore());
    await cached.createKey(key);
    await cached.find('hash_1');
    await cached.updateKey('key_1', { name: 'phone' });
    expect((await cached.find('hash_1'))?.key.name).toBe('phone');
    await cached.saveAccount({ id: 'user_1', plan: 'pro', now: 1 });
    expect((await cached.find('hash_1'))?.account.plan).toBe('pro');
    await cached.updateKey('key_1', { revokedAt: 5 });
    expect((await cached.find('hash_1'))?.key.revokedAt).toBe(5);
  });

  test('cannot be changed by who was given it', async () => {
    const cached = cachedKeyStore(memoryKeyStore());
    await cached.createKey(key);
    const found = await cached.find('hash_1');
    expect(() => Object.assign(found?.key ?? {}, { accountId: 'user_2' })).toThrow(TypeError);
    expect(() => Object.assign(found?.account ?? {}, { plan: 'pro' })).toThrow(TypeError);
  });

  test('falls out of memory when too many others are used', async () => {
    const { store, findKey } = counted();
    const cached = cachedKeyStore(store, { max: 2 });
    for (const hash of ['hash_1', 'hash_2', 'hash_3', 'hash_1']) await cached.find(hash);
    expect(findKey).toHaveBeenCalledTimes(4);
  });
});

test('10,000 forged keys and more push no real key out of memory', async () => {
  const { store, findKey } = counted();
  const cached = cachedKeyStore(store, { now: () => 0, monotonic: () => 0 });
  await cached.createKey(key);
  await cached.find('hash_1');
  for (let i = 0; i < 10_100; i++) await cached.find(`forged_${i}`);
  findKey.mockClear();
  expect((await cached.find('hash_1'))?.key.id).toBe(key.id);
  expect(findKey).not.toHaveBeenCalled();
  // Forged ones do get pushed out.
  await cached.find('forged_0');
  expect(findKey).toHaveBeenCalledOnce();
});

describe('look-ups at the same time', () => {
  /** A store whose look-ups wait to be answered. */
  function slow() {
    const waiting: ((found: KeyWithAccount | undefined) => void)[] = [];
    const findKey = vi.fn(() => new Promise<KeyWithAccount | undefined>((resolve) => waiting.push(resolve)));
    return { store: { ...memoryKeyStore(), findKey }, findKey, waiting };
  }
  const { hash: _hash, ...record } = key;
  const found = (change: object = {}) => ({ key: { ...record, ...change }, account: { id: 'user_1', createdAt: 0 } });

  test('of one key ask the store once', async () => {
    const { store, findKey, waiting } = slow();
    const cached = cachedKeyStore(store);
    const answers = Promise.all(Array.from({ length: 50 }, () => cached.find('hash_1')));
    waiting[0]?.(found());
    expect((await answers).every((answer) => answer?.key.id === 'key_1')).toBe(true);
    expect(findKey).toHaveBeenCalledTimes(1);
  });

  test('that began before a revocation are not remembered after it', async () => {
    const { store, findKey, waiting } = slow();
    const cached = cachedKeyStore(store);
    await store.createKey(key);
    const early = cached.find('hash_1');
    await cached.updateKey('key_1', { revokedAt: 5 });
    const late = cached.find('hash_1');
    waiting[1]?.(found({ revokedAt: 5 }));
    waiting[0]?.(found());
    await early;
    expect((await late)?.key.revokedAt).toBe(5);
    expect((await cached.find('hash_1'))?.key.revokedAt).toBe(5);
    expect(findKey).toHaveBeenCalledTimes(2);
  });

  test('that fail are tried again by the next request', async () => {
    const findKey = vi.fn().mockRejectedValueOnce(new Error('out of reach')).mockResolvedValueOnce(found());
    const cached = cachedKeyStore({ ...memoryKeyStore(), findKey });
    await expect(cached.find('hash_1')).rejects.toThrow('out of reach');
    expect((await cached.find('hash_1'))?.key.id).toBe('key_1');
  });
});

describe('several processes', () => {
  function eventBus(): { events: () => KeyEvents } {
    const listeners = new Set<(accountId: string) => void>();
    return {
      events: () => {
        let mine: ((accountId: string) => void) | undefined;
        return {
          publish: (accountId) => {
            for (const listener of listeners) if (listener !== mine) listener(accountId);
          },
          subscribe: (listener) => {
            mine = listener;
            listeners.add(listener);
            return () => void listeners.delete(listener);
          },
        };
      },
    };
  }

  test('drop what another one changed', async () => {
    const store = memoryKeyStore();
    const bus = eventBus();
    const [one, other] = [0, 1].map(() => cachedKeyStore(store, { events: bus.events() }));
    await one?.createKey(key);
    await other?.find('hash_1');
    await one?.updateKey('key_1', { revokedAt: 5 });
    expect((await other?.find('hash_1'))?.key.revokedAt).toBe(5);
    await other?.close?.();
    await other?.find('hash_1');
    await one?.updateKey('key_1', { name: 'unheard' });
    expect((await other?.find('hash_1'))?.key.name).toBe('laptop');
  });

  test('go on when a change cannot be announced', async () => {
    const onError = vi.fn();
    const events: KeyEvents = {
      publish: () => Promise.reject(new Error('no bus')),
      subscribe: () => Promise.reject(new Error('no bus')),
    };
    const cached = cachedKeyStore(memoryKeyStore(), { events, onError });
    await cached.createKey(key);
    expect((await cached.find('hash_1'))?.key.id).toBe('key_1');
    await cached.close?.();
    expect(onError).toHaveBeenCalledTimes(2);
  });
});

test('a key is active until it is revoked or its time is over', () => {
  const { hash: _hash, ...record } = key;
  expect(isActive(record, 10)).toBe(true);
  expect(isActive({ ...record, revokedAt: 20 }, 10)).toBe(false);
  expect(isActive({ ...record, expiresAt: 10 }, 9)).toBe(true);
  expect(isActive({ ...record, expiresAt: 10 }, 10)).toBe(false);
});
