export type { RedisClient } from './redis-client.js';
export {
  type RedisKeyEventsOptions,
  type RedisPublisher,
  type RedisSubscriber,
  redisKeyEvents,
} from './redis-key-events.js';
export { type RedisRateLimiterOptions, redisRateLimiter } from './redis-rate-limiter.js';
