import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AdmitRequest, Limits } from '../../src/limits/rate-limiter.js';
import { type RedisRateLimiterOptions, redisKeyEvents, redisRateLimiter } from '../../src/stores/redis/index.js';
import { eventually } from '../helpers/eventually.js';
import { PROMPTLY_MS } from '../helpers/promptly.js';
import { type RedisServer, redisMissing, startRedis } from '../helpers/redis-server.js';

const missing = redisMissing();
let server: RedisServer;

beforeEach(async (context) => {
  if (missing) context.skip(missing);
  server = await startRedis();
});

afterEach(() => server?.stop());

function requestOf(limits: Limits, tokens = 0): AdmitRequest {
  const subjects = [{ subject: 'account:user_1', limits }];
  return { id: randomUUID(), group: 'user_1', subjects, tokens, leaseMs: 600_000 };
}

const finish = ({ tokens, ...request }: AdmitRequest, actualTokens: number) => ({
  ...request,
  estimatedTokens: tokens,
  actualTokens,
});

/** A limiter whose view of Redis the test can follow. */
async function limiterWith(options: RedisRateLimiterOptions) {
  const states: ('away' | 'back')[] = [];
  const client = server.client();
  await client.ping();
  const onStateChange = (cause: unknown) => states.push(cause === undefined ? 'back' : 'away');
  return { client, states, limiter: redisRateLimiter(client, { retryMs: 50, onStateChange, ...options }) };
}

describe('the Redis limiter while Redis is away', () => {
  test('admits each process its share of the limits, as an insurance', async () => {
    const { limiter, states } = await limiterWith({ expectedProcesses: 4 });
    await server.halt();
    const limits = { requestsPerMinute: 42, tokensPerMinute: 1_000, concurrentRequests: 100 };
    const results = await Promise.all(Array.from({ length: 50 }, () => limiter.admit(requestOf(limits))));
    expect(results.filter((result) => result.ok)).toHaveLength(10);
    expect(states).toEqual(['away']);
  });

  test('has at least one for each process, and never refuses for ever what is larger than a share', async () => {
    const { limiter } = await limiterWith({ expectedProcesses: 100 });
    await server.halt();
    const request = requestOf({ requestsPerMinute: 10, tokensPerMinute: 500, concurrentRequests: 3 }, 400);
    expect(await limiter.admit(request)).toMatchObject({ ok: true });
    expect(await limiter.admit(requestOf(request.subjects[0]?.limits ?? {}))).toMatchObject({ ok: false });
    await limiter.finish(finish(request, 0));
  });

  test('admits all when it is told to stay open, and throws when closed', async () => {
    const [open, closed] = [
      await limiterWith({ onUnavailable: 'open' }),
      await limiterWith({ onUnavailable: 'closed' }),
    ];
    await server.halt();
    for (let i = 0; i < 5; i++)
      expect(await open.limiter.admit(requestOf({ requestsPerMinute: 1 }))).toEqual({ ok: true, states: [] });
    await expect(closed.limiter.admit(requestOf({ requestsPerMinute: 1 }))).rejects.toThrow(/Redis/);
  });

  test('comes back, whatever the function that hears of it does', async () => {
    const heard: unknown[] = [];
    const onStateChange = (cause: unknown) => {
      heard.push(cause);
      throw new Error("of the host's own");
    };
    const { limiter } = await limiterWith({ commandTimeoutMs: 50, onStateChange });
    server.freeze();
    expect(await limiter.admit(requestOf({ requestsPerMinute: 5 }))).toMatchObject({ ok: true });
    server.thaw();
    await eventually(() => heard.length === 2);
    expect(heard).toEqual([expect.any(Error), undefined]);
  });

  test('makes a hanging Redis cost its time limit once, not once per request', async () => {
    const { limiter } = await limiterWith({ commandTimeoutMs: 200, retryMs: 60_000 });
    server.freeze();
    const started = performance.now();
    for (let i = 0; i < 100; i++) await limiter.admit(requestOf({ requestsPerMinute: 1_000 }));
    const elapsed = performance.now() - started;
    expect(elapsed).toBeGreaterThanOrEqual(195);
    expect(elapsed).toBeLessThan(PROMPTLY_MS);
  });

  test('gives back what Redis took for a request that had been decided without it', async () => {
    const { limiter, states } = await limiterWith({ commandTimeoutMs: 50 });
    const limits = { concurrentRequests: 1, tokensPerMinute: 1_000 };
    server.freeze();
    const request = requestOf(limits, 600);
    expect(await limiter.admit(request)).toMatchObject({ ok: true });
    server.thaw();
    await eventually(() => states.includes('back'));
    await limiter.finish(finish(request, 600));
    await eventually(async () => (await limiter.admit(requestOf(limits, 900))).ok);
  });

  test('finishes later what finished while Redis was away', async () => {
    const { limiter, states } = await limiterWith({ commandTimeoutMs: 50 });
    const limits = { concurrentRequests: 1 };
    const request = requestOf(limits);
    expect(await limiter.admit(request)).toMatchObject({ ok: true });
    expect(await limiter.admit(requestOf(limits))).toMatchObject({ ok: false });
    server.freeze();
    await limiter.finish(finish(request, 0));
    server.thaw();
    await eventually(() => states.includes('back'));
    await eventually(async () => (await limiter.admit(requestOf(limits))).ok);
  });

  test('asks Redis again when it is back, also when it came back empty', async () => {
    const { limiter, states } = await limiterWith({});
    expect(await limiter.admit(requestOf({ requestsPerMinute: 5 }))).toMatchObject({ ok: true });
    await server.halt();
    await limiter.admit(requestOf({ requestsPerMinute: 5 }));
    await server.resume();
    await eventually(async () => {
      await limiter.admit(requestOf({ requestsPerMinute: 5 }));
      return states.includes('back');
    });
    const other = redisRateLimiter(server.client());
    const shared = requestOf({ requestsPerMinute: 3 });
    for (let i = 0; i < 5; i++) await limiter.admit({ ...shared, id: randomUUID(), group: 'user_2' });
    expect(await other.admit({ ...shared, group: 'user_2' })).toMatchObject({ ok: false });
  });
});

describe('key events over Redis', () => {
  test('reach every other process, and not the one that announced them', async () => {
    const [one, other] = [redisKeyEvents(server.client()), redisKeyEvents(server.client())];
    const heard: string[] = [];
    await one.subscribe((accountId) => heard.push(`one: ${accountId}`));
    const unsubscribe = await other.subscribe((accountId) => heard.push(`other: ${accountId}`));
    await one.publish('user 1 of {acme}');
    await eventually(() => heard.length > 0);
    await unsubscribe();
    await one.publish('user_2');
    await other.publish('user_3');
    await eventually(() => heard.includes('one: user_3'));
    expect(heard).toEqual(['other: user 1 of {acme}', 'one: user_3']);
    await one.close?.();
    await other.close?.();
  });

  test('are heard again after Redis was away', async () => {
    const [one, other] = [redisKeyEvents(server.client()), redisKeyEvents(server.client())];
    const heard: string[] = [];
    await other.subscribe((accountId) => heard.push(accountId));
    await server.halt();
    await server.resume();
    await eventually(async () => {
      await one.publish('user_1');
      return heard.includes('user_1');
    });
    await other.close?.();
  });
});
