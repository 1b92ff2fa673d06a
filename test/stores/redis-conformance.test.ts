import { afterAll, beforeAll, describe, test } from 'vitest';
import { type RedisClient, redisRateLimiter } from '../../src/stores/redis/index.js';
import { rateLimiterSuite, type TestClock } from '../../src/testing/index.js';
import { type RedisServer, redisMissing, startRedis } from '../helpers/redis-server.js';

const missing = redisMissing();

describe.each([{ cluster: false }, { cluster: true }])('the Redis limiter (Redis Cluster: $cluster)', ({ cluster }) => {
  let server: RedisServer | undefined;
  let client: RedisClient;

  beforeAll(async () => {
    if (missing) return;
    server = await startRedis({ cluster });
    client = server.client();
  });

  afterAll(() => server?.stop());

  const testHere = (name: string, run: () => Promise<void>) =>
    test(name, async (context) => {
      if (missing) context.skip(missing);
      await run();
    });

  rateLimiterSuite(testHere, {
    create: (clock) => redisRateLimiter(onClock(client, clock), { onUnavailable: 'closed', commandTimeoutMs: 10_000 }),
  });
});

/** The same Redis, but its scripts read the time from the test's clock instead of from `TIME`. */
function onClock(client: RedisClient, clock: TestClock): RedisClient {
  return {
    ping: () => client.ping(),
    evalsha: async () => {
      throw new Error('NOSCRIPT: a script that tells the time must be sent anew');
    },
    eval(script, ...rest) {
      const now = clock.now();
      const time = `{ '${Math.floor(now / 1_000)}', '${Math.round((now % 1_000) * 1_000)}' }`;
      const timed = script.replace("redis.call('TIME')", time);
      if (timed === script) throw new Error('the script does not ask Redis for the time');
      return client.eval(timed, ...rest);
    },
  };
}
