import { describe, test } from 'vitest';
import { memoryRateLimiter } from '../../src/limits/memory-rate-limiter.js';
import { rateLimiterSuite } from '../../src/testing/rate-limiter-suite.js';

describe('memoryRateLimiter keeps the RateLimiter contract', () => {
  rateLimiterSuite(test, { create: (clock) => memoryRateLimiter({ now: clock.now }) });
});
