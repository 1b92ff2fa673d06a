import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';
import type { AdmitRequest, LimiterState } from '../../src/limits/rate-limiter.js';
import { type RedisRateLimiterOptions, redisRateLimiter } from '../../src/stores/redis/index.js';
import { eventually } from '../helpers/eventually.js';
import { faultyLink } from '../helpers/faulty-link.js';
import { type RedisServer, redisMissing, startRedis } from '../helpers/redis-server.js';

/** What the fault table of docs/from-one-process-to-many.md says of a Redis that answers, and can't serve. */

const DRIVERS = ['ioredis', 'node-redis'] as const;

function requestOf(): AdmitRequest {
  const subjects = [{ subject: 'account:user_1', limits: { requestsPerMinute: 1_000 } }];
  return { id: randomUUID(), group: 'user_1', subjects, tokens: 0, leaseMs: 600_000 };
}

/** A limiter on a client of a driver, and what it says of Redis. */
async function limiterOn(server: RedisServer, driver: (typeof DRIVERS)[number], options: RedisRateLimiterOptions = {}) {
  const states: LimiterState[] = [];
  const nodeRedis = createClient({ socket: { path: server.socket, tls: false } });
  if (driver === 'node-redis') await nodeRedis.connect();
  const client = driver === 'ioredis' ? server.client() : nodeRedis;
  const limiter = redisRateLimiter(client, { retryMs: 50, ...options });
  limiter.watch?.((state) => states.push(state));
  const close = async () => {
    await limiter.close?.();
    if (driver === 'node-redis') nodeRedis.destroy();
  };
  return { limiter, states, close };
}

/** Requests go on while the server is in a state, and share their limits again after it. */
async function expectPassedBy(
  server: RedisServer,
  driver: (typeof DRIVERS)[number],
  state: { readonly begin: () => Promise<unknown>; readonly end: () => Promise<unknown>; readonly says: RegExp },
) {
  const { limiter, states, close } = await limiterOn(server, driver, { commandTimeoutMs: 5_000 });
  expect(await limiter.admit(requestOf())).toMatchObject({ ok: true });
  await state.begin();
  for (let i = 0; i < 3; i++) expect(await limiter.admit(requestOf())).toMatchObject({ ok: true });
  expect(states).toEqual([
    { available: false, cause: expect.objectContaining({ message: expect.stringMatching(state.says) }) },
  ]);
  await state.end();
  await eventually(() => states.at(-1)?.available === true);
  const before = await server.client().dbsize();
  expect(await limiter.admit(requestOf())).toMatchObject({ ok: true });
  expect(await server.client().dbsize()).toBeGreaterThan(before);
  await close();
}

describe.skipIf(redisMissing()).each(DRIVERS)('a Redis that answers and does not serve (%s)', (driver) => {
  test('LOADING: while it reads its data', async () => {
    const settings = ['--enable-debug-command', 'yes', '--loading-process-events-interval-bytes', '1024'];
    const server = await startRedis({ settings });
    const [other, onlooker] = [server.client(), server.client()];
    // A client that connects meanwhile waits for the end by itself.
    await onlooker.ping();
    await other.eval("for i = 1, 300 do redis.call('SET', 'k' .. i, string.rep('x', 100)) end", 0);
    let loading: Promise<unknown> = Promise.resolve();
    const isLoading = () =>
      onlooker.get('k1').then(
        () => false,
        (error: Error) => error.message.startsWith('LOADING'),
      );
    await expectPassedBy(server, driver, {
      async begin() {
        await other.config('SET', 'key-load-delay', '10000');
        loading = other.call('DEBUG', 'RELOAD');
        await eventually(isLoading);
      },
      end: () => loading,
      says: /LOADING/,
    });
    await server.stop();
  });

  test('BUSY: while a script of somebody else runs for long', async () => {
    const server = await startRedis();
    const [other, rescuer] = [server.client(), server.client()];
    await rescuer.config('SET', 'lua-time-limit', '20');
    let endless: Promise<unknown> = Promise.resolve();
    const isBusy = () =>
      rescuer.get('x').then(
        () => false,
        (error: Error) => error.message.startsWith('BUSY'),
      );
    await expectPassedBy(server, driver, {
      async begin() {
        endless = other.eval('while true do end', 0).catch(() => {});
        await eventually(isBusy);
      },
      async end() {
        await rescuer.call('SCRIPT', 'KILL');
        await endless;
      },
      says: /BUSY/,
    });
    await server.stop();
  });

  test('READONLY: while it is a replica', async () => {
    const server = await startRedis();
    const other = server.client();
    await expectPassedBy(server, driver, {
      begin: () => other.replicaof('127.0.0.1', 1),
      end: () => other.replicaof('NO', 'ONE'),
      says: /READONLY/,
    });
    await server.stop();
  });

  test('MOVED: a client that knows no cluster, whose keys are on another node of one', async () => {
    const [self, other] = ['1'.repeat(40), '2'.repeat(40)];
    const nodes = `${self} :0@1 myself,master - 0 0 1 connected 0-8191
${other} 127.0.0.1:1@2 master - 0 0 2 connected 8192-16383
vars currentEpoch 2 lastVoteEpoch 0
`;
    const settings = ['--cluster-node-timeout', '600000', '--cluster-require-full-coverage', 'no'];
    const server = await startRedis({ cluster: true, settings, nodes });
    const there = ['user_1', 'user_2', 'user_3', 'user_4', 'user_5', 'user_6'];
    const slots = await Promise.all(there.map((name) => server.client().cluster('KEYSLOT', name)));
    const group = there.find((_, i) => Number(slots[i]) > 8_191) ?? '';
    const { limiter, states, close } = await limiterOn(server, driver);
    expect(await limiter.admit({ ...requestOf(), group })).toMatchObject({ ok: true });
    expect(states[0]).toMatchObject({
      available: false,
      cause: expect.objectContaining({ message: expect.stringContaining('MOVED') }),
    });
    await close();
    await server.stop();
  });
});

test.skipIf(redisMissing())(
  'a failover: the name leads to another server, and the connection to the old one is given up',
  async () => {
    const [old, next] = [await startRedis(), await startRedis()];
    const link = await faultyLink(old.socket);
    const client = new Redis(link.port, '127.0.0.1');
    client.on('error', () => {});
    await client.ping();
    const limiter = redisRateLimiter(client, { retryMs: 50 });
    const states: LimiterState[] = [];
    limiter.watch?.((state) => states.push(state));
    await limiter.admit(requestOf());
    link.lead(next.socket);
    await old.client().replicaof('127.0.0.1', 1);
    expect(await limiter.admit(requestOf())).toMatchObject({ ok: true });
    await eventually(() => states.at(-1)?.available === true);
    const before = await next.client().dbsize();
    await limiter.admit(requestOf());
    expect(await next.client().dbsize()).toBeGreaterThan(before);
    await limiter.close?.();
    client.disconnect();
    await link.close();
    await Promise.all([old.stop(), next.stop()]);
  },
);
