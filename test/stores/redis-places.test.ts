import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AdmitRequest } from '../../src/limits/rate-limiter.js';
import { type RedisClient, redisRateLimiter } from '../../src/stores/redis/index.js';
import { eventually } from '../helpers/eventually.js';
import { type RedisServer, redisMissing, startRedis } from '../helpers/redis-server.js';

vi.setConfig({ testTimeout: 120_000 });

const HOUR = 3_600_000;
const missing = redisMissing();

/** A request of an account that may have one at a time. */
function requestOf(account: string, id: string, leaseMs = HOUR): AdmitRequest {
  const subjects = [{ subject: `account:${account}`, limits: { concurrentRequests: 1 } }];
  return { id, group: account, subjects, tokens: 0, leaseMs };
}

function finished(request: AdmitRequest) {
  return { ...request, estimatedTokens: 0, actualTokens: 0 };
}

describe.each([{ cluster: false }, { cluster: true }])(
  'a place among concurrent requests (Redis Cluster: $cluster)',
  ({ cluster }) => {
    let server: RedisServer | undefined;
    let client: Redis;

    beforeAll(async () => {
      if (missing) return;
      server = await startRedis({ cluster });
      client = server.client();
    });

    afterEach(() => void vi.useRealTimers());
    afterAll(() => server?.stop());

    const testHere = (name: string, run: (server: RedisServer) => Promise<void>) =>
      test(name, async (context) => {
        if (!server) context.skip(missing);
        else await run(server);
      });

    const endOf = async (account: string) => {
      const [, score = '0'] = await client.zrange(
        `gateway:{${account}}:account:${account}:leases`,
        '0',
        '0',
        'WITHSCORES',
      );
      return Number(score);
    };

    testHere('is kept by a request that runs for long, and free when it ends', async () => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      let now = 1_000_000;
      const options = { onUnavailable: 'closed', commandTimeoutMs: 60_000 } as const;
      const limiter = redisRateLimiter(
        onClock(client, () => now),
        options,
      );
      const long = requestOf('long', 'long_1');
      expect(await limiter.admit(long)).toMatchObject({ ok: true });
      for (let beat = 0; beat < 10; beat += 1) {
        now += 30_000;
        vi.advanceTimersByTime(30_000);
        await eventually(async () => (await endOf('long')) === now + 120_000, 60_000);
        expect(await limiter.admit(requestOf('long', 'long_2'))).toMatchObject({ ok: false });
      }
      await limiter.finish(finished(long));
      expect(await limiter.admit(requestOf('long', 'long_3'))).toMatchObject({ ok: true });
      await limiter.close?.();
    });

    testHere('lapses two minutes after nobody renews it', async () => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      let now = 1_000_000;
      const options = { onUnavailable: 'closed', commandTimeoutMs: 60_000 } as const;
      const limiter = redisRateLimiter(
        onClock(client, () => now),
        options,
      );
      expect(await limiter.admit(requestOf('gone', 'gone_1'))).toMatchObject({ ok: true });
      now += 119_000;
      expect(await limiter.admit(requestOf('gone', 'gone_2'))).toMatchObject({ ok: false });
      now += 2_000;
      expect(await limiter.admit(requestOf('gone', 'gone_3'))).toMatchObject({ ok: true });
      await limiter.close?.();
    });

    testHere('is free soon after its process was killed', async ({ socket }) => {
      const path = fileURLToPath(new URL('redis-place-holder.ts', import.meta.url));
      const child = fork(path, [socket], { execArgv: ['--import', 'tsx'] });
      await once(child, 'message');
      expect(await endOf('killed')).toBeGreaterThan(0);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const limiter = redisRateLimiter(client, { onUnavailable: 'closed', commandTimeoutMs: 60_000 });
      let attempt = 0;
      await eventually(async () => {
        attempt += 1;
        return (await limiter.admit(requestOf('killed', `killed_${attempt}`))).ok;
      });
      await limiter.close?.();
    });
  },
);

/** The same Redis, but its scripts read the time from the test. */
function onClock(client: RedisClient, now: () => number): RedisClient {
  return {
    ping: () => client.ping(),
    evalsha: async () => {
      throw new Error('NOSCRIPT: a script that tells the time must be sent anew');
    },
    eval: (script, ...rest) =>
      client.eval(script.replace("redis.call('TIME')", `{ '${Math.floor(now() / 1_000)}', '0' }`), ...rest),
  };
}
