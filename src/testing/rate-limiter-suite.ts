import type { MaybePromise } from '../lib/maybe-promise.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import { bucketCases } from './rate-limiter-bucket-cases.js';
import { decisionCases, type LimiterCase } from './rate-limiter-decision-cases.js';
import { runSuite, type SuiteCase, type SuiteSkip, type SuiteTest } from './suite.js';
import { type TestClock, testClock } from './test-clock.js';

const NEEDS_CLOCK = 'needs a clock that the test can move';

export interface RateLimiterSuiteOptions {
  /** Makes a limiter for one test, on this clock unless `ownClock` is set. Its database may be shared and kept. */
  readonly create: (clock: TestClock) => MaybePromise<RateLimiter>;
  /** True: the limiter has a clock of its own (Redis); the tests that must move time are skipped by name. */
  readonly ownClock?: boolean;
  readonly skip?: readonly SuiteSkip[];
}

/**
 * Tests that a RateLimiter keeps its contract: exact bounds, all or nothing, honest waits, corrections and leases.
 *
 * @param test the runner's `test`.
 */
export function rateLimiterSuite(test: SuiteTest, options: RateLimiterSuiteOptions): void {
  const cases: readonly LimiterCase[] = [...decisionCases, ...bucketCases];
  const timed = cases.filter((each) => each.needsClock).map((each) => each.name);
  const skip = [...(options.skip ?? [])];
  if (options.ownClock) skip.push({ reason: NEEDS_CLOCK, tests: timed });
  runSuite(test, cases.map(withClock), () => createOn(options), skip);
}

interface LimiterOnClock {
  readonly limiter: RateLimiter;
  readonly clock: TestClock;
  close(): MaybePromise<void>;
}

async function createOn(options: RateLimiterSuiteOptions): Promise<LimiterOnClock> {
  const clock = testClock();
  const limiter = await options.create(clock);
  return { limiter, clock, close: () => limiter.close?.() };
}

function withClock({ name, run }: LimiterCase): SuiteCase<LimiterOnClock> {
  return { name, run: ({ limiter, clock }) => run(limiter, clock) };
}
