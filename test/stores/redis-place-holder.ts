/** A process of its own that takes a place among concurrent requests and then lives until it is killed. */
import { Redis } from 'ioredis';
import { redisRateLimiter } from '../../src/stores/redis/index.js';

const client = new Redis({ path: String(process.argv[2]) });
const limiter = redisRateLimiter(client, {
  onUnavailable: 'closed',
  commandTimeoutMs: 60_000,
  processTimeoutMs: 2_000,
});
const subjects = [{ subject: 'account:killed', limits: { concurrentRequests: 1 } }];
await limiter.admit({ id: 'held', group: 'killed', subjects, tokens: 0, leaseMs: 3_600_000 });
process.send?.('held');
setInterval(() => {}, 60_000);
