export type { NodeRedisClient, RedisClient } from './redis-client.js';
export { type RedisItemsOptions, redisItems } from './redis-items.js';
export {
  type NodeRedisPublisher,
  type NodeRedisSubscriber,
  type RedisKeyEventsOptions,
  type RedisPublisher,
  type RedisSubscriber,
  redisKeyEvents,
} from './redis-key-events.js';
export { type RedisRateLimiterOptions, redisRateLimiter } from './redis-rate-limiter.js';
