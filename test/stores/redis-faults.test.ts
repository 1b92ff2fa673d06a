import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, openai } from '../../src/index.js';
import type { AdmitRequest, LimiterState } from '../../src/limits/rate-limiter.js';
import { redisKeyEvents, redisRateLimiter } from '../../src/stores/redis/index.js';
import { eventually } from '../helpers/eventually.js';
import { faultyLink } from '../helpers/faulty-link.js';
import { PROMPTLY_MS } from '../helpers/promptly.js';
import { type RedisServer, redisMissing, startRedis } from '../helpers/redis-server.js';
import { testLogger } from '../helpers/test-logger.js';

const missing = redisMissing();
let server: RedisServer;

beforeAll(async () => {
  if (!missing) server = await startRedis();
});

afterAll(() => server?.stop());

function requestOf(requestsPerMinute = 1_000): AdmitRequest {
  const subjects = [{ subject: 'account:user_1', limits: { requestsPerMinute } }];
  return { id: randomUUID(), group: randomUUID(), subjects, tokens: 0, leaseMs: 600_000 };
}

/** A client as the docs make it, over a link that can fail, and a limiter whose states are kept. */
async function linked() {
  const link = await faultyLink(server.socket);
  const client = new Redis(link.port, '127.0.0.1');
  client.on('error', () => {});
  await client.ping();
  const limiter = redisRateLimiter(client);
  const states: LimiterState[] = [];
  limiter.watch?.((state) => states.push(state));
  const end = async () => {
    await limiter.close?.();
    client.disconnect();
    await link.close();
  };
  return { link, client, limiter, states, end };
}

describe.skipIf(missing)('a Redis connection that went half-open', () => {
  test('is replaced: the limits are shared again soon', async () => {
    const { link, limiter, states, end } = await linked();
    await limiter.admit(requestOf());
    link.goHalfOpen();
    const started = performance.now();
    expect(await limiter.admit(requestOf())).toMatchObject({ ok: true });
    expect(performance.now() - started).toBeLessThan(PROMPTLY_MS);
    expect(states).toMatchObject([{ available: false }]);
    await eventually(() => states.some(({ available }) => available));
    expect(performance.now() - started).toBeLessThan(PROMPTLY_MS);
    await end();
  });

  test('is replaced where key changes are heard, too', async () => {
    const { link, client, end } = await linked();
    const events = redisKeyEvents(client);
    const heard: string[] = [];
    await events.subscribe((accountId) => heard.push(accountId));
    link.goHalfOpen();
    const other = redisKeyEvents(server.client());
    await eventually(async () => {
      await other.publish('user_1');
      return heard.length > 0;
    });
    await events.close?.();
    await end();
  });
});

describe.skipIf(missing)('a Redis that answers, but slowly', () => {
  test('is away once, and does not come and go', async () => {
    const { link, limiter, states, end } = await linked();
    await limiter.admit(requestOf());
    link.delay(105);
    const until = performance.now() + 3_500;
    while (performance.now() < until) {
      expect(await limiter.admit(requestOf())).toMatchObject({ ok: true });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(states).toMatchObject([{ available: false }]);
    link.heal();
    await eventually(() => states.length === 2);
    expect(states[1]).toEqual({ available: true });
    await end();
  });

  test('that swallows everything costs no request more than the time limit', async () => {
    const { link, limiter, states, end } = await linked();
    await limiter.admit(requestOf());
    link.swallow();
    const started = performance.now();
    for (let i = 0; i < 20; i++) await limiter.admit(requestOf());
    expect(performance.now() - started).toBeLessThan(PROMPTLY_MS);
    link.heal();
    await eventually(() => states.at(-1)?.available === true);
    await end();
  });
});

describe.skipIf(missing)('a Redis that is full', () => {
  test('is away until it takes writes again, although it answers PING', async () => {
    const { client, limiter, states, end } = await linked();
    await limiter.admit(requestOf());
    await client.config('SET', 'maxmemory', '1');
    expect(await limiter.admit(requestOf())).toMatchObject({ ok: true });
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    expect(await client.ping()).toBe('PONG');
    expect(states).toMatchObject([{ available: false }]);
    await client.config('SET', 'maxmemory', '0');
    await eventually(() => states.at(-1)?.available === true);
    await end();
  });
});

describe.skipIf(missing)('node-redis', () => {
  test('shares limits between processes, and tells of revoked keys', async () => {
    const client = createClient({ socket: { path: server.socket, tls: false } });
    await client.connect();
    const [one, other] = [redisRateLimiter(client), redisRateLimiter(server.client())];
    const request = requestOf(2);
    const admit = (limiter: typeof one) => limiter.admit({ ...request, id: randomUUID() });
    expect(await admit(one)).toMatchObject({ ok: true });
    expect(await admit(other)).toMatchObject({ ok: true });
    expect(await admit(one)).toMatchObject({ ok: false });
    const events = redisKeyEvents(client);
    const heard: string[] = [];
    const unsubscribe = await events.subscribe((accountId) => heard.push(accountId));
    await redisKeyEvents(server.client()).publish('user_1');
    await eventually(() => heard.includes('user_1'));
    await unsubscribe();
    await events.publish('user_2');
    client.destroy();
  });

  test('is told from what is no Redis client at all', () => {
    const stranger = { get: async () => null };
    expect(() => redisRateLimiter(stranger as never)).toThrow('needs a client of ioredis or of node-redis');
    expect(() => redisRateLimiter(server.client(), { expectedProcess: 4 } as never)).toThrow('expectedProcess');
  });
});

describe.skipIf(missing)('a gateway whose Redis goes away', () => {
  test('says so in its log, and says when it is back', async () => {
    const { link, client, end } = await linked();
    const lines: string[] = [];
    const gateway = createGateway({
      providers: { openai: openai({ apiKey: 'sk-test' }) },
      models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
      plans: { free: { models: '*', limits: { requestsPerMinute: 10 } } },
      rateLimiter: redisRateLimiter(client),
      fetch: async () => Response.error(),
      logger: { debug() {}, info() {}, error: testLogger.error, warn: (_, message) => lines.push(message) },
    });
    const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'test' });
    link.swallow();
    const headers = { authorization: `Bearer ${key}` };
    await gateway.fetch(new Request('http://gateway.test/v1/models', { headers }));
    await eventually(() => lines.includes('the store of the rate limiter is unavailable'));
    link.heal();
    await eventually(() => lines.includes('the store of the rate limiter is available again'));
    await gateway.close();
    await end();
  });
});
