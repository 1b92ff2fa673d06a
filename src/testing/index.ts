export { assertAccountsBalance, auditAccount, type OracleOptions } from './accounting-oracle.js';
export type { FakeAnswer, FakeRequest } from './fake-answer.js';
export { type FakeStripeOptions, fakeStripe } from './fake-stripe.js';
export type { StripeFields, StripeObject } from './fake-stripe-objects.js';
export type { FakeEventDetails, FakeStripe, FakeStripeEvent, FakeStripeRequest } from './fake-stripe-types.js';
export {
  type FakeUpstream,
  type FakeUpstreamOptions,
  fakeUpstream,
} from './fake-upstream.js';
export type { FakeProvider, FakeToolCall, FakeUsage } from './fake-wire.js';
export { type Gate, gate } from './gate.js';
export { itemStoreSuite } from './item-store-suite.js';
export { keyStoreSuite } from './key-store-suite.js';
export { type MeterPart, meterSuite } from './meter-suite.js';
export { type ProviderSuiteOptions, type ProviderUnderTest, providerSuite } from './provider-suite.js';
export { type RateLimiterSuiteOptions, rateLimiterSuite } from './rate-limiter-suite.js';
export { type SeededRandom, seededRandom } from './seeded-random.js';
export type { SuiteSkip, SuiteTest } from './suite.js';
export { type TestClock, testClock } from './test-clock.js';
export { type TransportSuiteOptions, transportSuite } from './transport-suite.js';
