export { assertAccountsBalance, auditAccount, type OracleOptions } from './accounting-oracle.js';
export { keyStoreSuite } from './key-store-suite.js';
export { meterSuite } from './meter-suite.js';
export { type RateLimiterSuiteOptions, rateLimiterSuite } from './rate-limiter-suite.js';
export { type SeededRandom, seededRandom } from './seeded-random.js';
export type { SuiteSkip, SuiteTest } from './suite.js';
export { type TestClock, testClock } from './test-clock.js';
