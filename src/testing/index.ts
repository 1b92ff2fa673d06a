export { assertAccountsBalance, auditAccount, type OracleOptions } from './accounting-oracle.js';
export {
  type FakeReply,
  type FakeRequest,
  type FakeScript,
  type FakeUpstream,
  fakeUpstream,
} from './fake-upstream.js';
export { keyStoreSuite } from './key-store-suite.js';
export { meterSuite } from './meter-suite.js';
export {
  chunkEvent,
  completionReply,
  DONE,
  errorReply,
  SAMPLE_USAGE,
  streamReply,
  usageEvent,
} from './openai-replies.js';
export { type RateLimiterSuiteOptions, rateLimiterSuite } from './rate-limiter-suite.js';
export { type SeededRandom, seededRandom } from './seeded-random.js';
export type { SuiteSkip, SuiteTest } from './suite.js';
export { type TestClock, testClock } from './test-clock.js';
