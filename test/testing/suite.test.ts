import { describe, expect, test } from 'vitest';
import { memoryRateLimiter } from '../../src/limits/memory-rate-limiter.js';
import { memoryMeter } from '../../src/stores/memory/memory-meter.js';
import { meterSuite } from '../../src/testing/meter-suite.js';
import { rateLimiterSuite } from '../../src/testing/rate-limiter-suite.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import type { SuiteTest } from '../../src/testing/suite.js';

/** A runner that collects tests instead of running them. */
function collector() {
  const tests = new Map<string, () => Promise<void>>();
  const skipped: string[] = [];
  const runner: SuiteTest = Object.assign((name: string, run: () => Promise<void>) => tests.set(name, run), {
    skip: (name: string) => skipped.push(name),
  });
  return { runner, tests, skipped };
}

describe('a conformance suite', () => {
  test('skips tests by name and says why', () => {
    const { runner, tests, skipped } = collector();
    const name = 'amounts above 2^53 stay exact to the nano-USD';
    meterSuite(runner, { create: () => memoryMeter(), skip: [{ reason: 'counts in floats', tests: [name] }] });
    expect(tests.has(name)).toBe(false);
    expect(skipped).toEqual([`${name} (counts in floats)`]);
  });

  test('refuses to skip a test that does not exist', () => {
    const skip = [{ reason: 'renamed', tests: ['no such test'] }];
    expect(() => meterSuite(collector().runner, { create: () => memoryMeter(), skip })).toThrow('no such test');
  });

  test('leaves out what needs a clock where the limiter has its own', async () => {
    const { runner, tests, skipped } = collector();
    rateLimiterSuite(runner, { create: () => memoryRateLimiter(), ownClock: true });
    expect(skipped.length).toBeGreaterThan(5);
    for (const run of tests.values()) await run();
  });

  test('closes each instance, also when its test failed', async () => {
    const { runner, tests } = collector();
    let open = 0;
    const create = () => {
      open++;
      return { ...memoryMeter(), reserve: () => Promise.reject(new Error('broken')), close: () => void open-- };
    };
    meterSuite(runner, { create });
    const results = await Promise.allSettled([...tests.values()].map((run) => run()));
    expect(results.some((result) => result.status === 'rejected')).toBe(true);
    expect(open).toBe(0);
  });
});

describe('a meter that breaks its contract', () => {
  const money = memoryMeter;
  const broken: Record<string, () => ReturnType<typeof memoryMeter>> = {
    'checks first and holds later': () => {
      const meter = money();
      const reserve = async (...[request]: Parameters<typeof meter.reserve>) => {
        const { balance, held } = meter.balance(request.accountId);
        await new Promise((resolve) => setImmediate(resolve));
        if (request.prepaid && balance - held < request.minimum)
          return { ok: false, reason: 'balance', available: balance - held } as const;
        return meter.reserve({ ...request, prepaid: false });
      };
      return { ...meter, reserve } as unknown as ReturnType<typeof memoryMeter>;
    },
    'forgets what was settled': () => {
      const meter = money();
      let copies = 0;
      return { ...meter, settle: (settlement) => meter.settle({ ...settlement, id: `${settlement.id}-${++copies}` }) };
    },
    'never expires': () => ({ ...money(), expire: () => 0 }),
    'credits twice': () => {
      const meter = money();
      let copies = 0;
      return {
        ...meter,
        credit: (credit) => meter.credit({ ...credit, idempotencyKey: `${credit.idempotencyKey}-${++copies}` }),
      };
    },
    'ignores budgets': () => {
      const meter = money();
      return { ...meter, reserve: ({ budgets: _budgets, ...request }) => meter.reserve(request) };
    },
    'rounds amounts to floats': () => {
      const meter = money();
      return { ...meter, credit: (credit) => meter.credit({ ...credit, amount: BigInt(Number(credit.amount)) }) };
    },
  };

  test.each(Object.entries(broken))('is found out when it %s', async (_name, create) => {
    const { runner, tests } = collector();
    meterSuite(runner, { create });
    const results = await Promise.allSettled([...tests.values()].map((run) => run()));
    expect(results.some((result) => result.status === 'rejected')).toBe(true);
  });
});

test('the same seed gives the same numbers, spread over the whole range', () => {
  const [one, other] = [seededRandom(5), seededRandom(5)];
  const numbers = Array.from({ length: 1_000 }, () => one.next());
  expect(Array.from({ length: 1_000 }, () => other.next())).toEqual(numbers);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  const dice = new Set(Array.from({ length: 200 }, () => one.integer(1, 6)));
  expect([...dice].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(() => one.pick([])).toThrow(RangeError);
});
