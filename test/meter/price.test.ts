import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completionTokens, NO_USAGE, promptTokens, reportedCost, type TokenCounts } from '../../src/lib/usage.js';
import { affordableOutput, maxCostOf, withinBounds } from '../../src/meter/bounds.js';
import { costOf, type Price, priceFor, readMultiplier, readPrice } from '../../src/meter/price.js';

const ONE = 1_000_000n;

const micros = fc.integer({ min: 0, max: 200_000_000 }).map((n) => (n / 1e6).toFixed(6));
const rates = fc.record(
  { input: micros, output: micros, cachedInput: micros, cacheWrite: micros, cacheWrite1h: micros, reasoning: micros },
  { requiredKeys: ['input', 'output'] },
);
const tier = fc
  .tuple(rates, fc.integer({ min: 1, max: 300_000 }))
  .map(([rate, aboveInputTokens]) => ({ ...rate, aboveInputTokens }));
const prices: fc.Arbitrary<Price> = fc
  .tuple(rates, fc.array(tier, { maxLength: 3 }))
  .map(([rate, tiers]) => ({ ...rate, tiers }));
const multipliers = fc.oneof(fc.constant(ONE), fc.bigInt({ min: 0n, max: 10n * ONE }));
const count = fc.integer({ min: 0, max: 100_000 });
const usages: fc.Arbitrary<TokenCounts> = fc.record({
  inputTokens: count,
  cachedInputTokens: count,
  cacheWriteTokens: count,
  cacheWrite1hTokens: count,
  outputTokens: count,
  reasoningTokens: count,
});

describe('the laws of cost', () => {
  test('usage within the bounds never costs more than the hold made for them, in any tier and bucket', () => {
    fc.assert(
      fc.property(prices, usages, multipliers, count, count, (price, usage, multiplier, moreIn, moreOut) => {
        const list = readPrice(price);
        const bounds = {
          inputTokens: promptTokens(usage) + moreIn,
          outputTokens: completionTokens(usage) + moreOut,
          hourWrites: usage.cacheWrite1hTokens > 0,
        };
        expect(withinBounds(usage, bounds)).toBe(true);
        const cost = costOf(usage, priceFor(list, promptTokens(usage), multiplier));
        expect(cost <= maxCostOf(bounds, list, multiplier)).toBe(true);
      }),
    );
  });

  test('the output that an amount affords costs no more than the amount, and one token more would', () => {
    const amounts = fc.bigInt({ min: 0n, max: 10n ** 12n });
    fc.assert(
      fc.property(prices, amounts, count, multipliers, (price, amount, inputTokens, multiplier) => {
        const list = readPrice(price);
        const outputTokens = affordableOutput(amount, inputTokens, list, multiplier);
        if (maxCostOf({ inputTokens, outputTokens: 0 }, list, multiplier) > amount) {
          expect(outputTokens).toBe(0);
          return;
        }
        expect(maxCostOf({ inputTokens, outputTokens }, list, multiplier) <= amount).toBe(true);
        if (outputTokens < Number.MAX_SAFE_INTEGER)
          expect(maxCostOf({ inputTokens, outputTokens: outputTokens + 1 }, list, multiplier) > amount).toBe(true);
      }),
    );
  });

  test('the cost is the exact sum rounded up once: never a nano-USD more, never less', () => {
    fc.assert(
      fc.property(prices, usages, multipliers, (price, usage, multiplier) => {
        const snapshot = priceFor(readPrice(price), promptTokens(usage), multiplier);
        const exact =
          (BigInt(usage.inputTokens) * snapshot.input +
            BigInt(usage.cachedInputTokens) * snapshot.cachedInput +
            BigInt(usage.cacheWriteTokens) * snapshot.cacheWrite +
            BigInt(usage.cacheWrite1hTokens) * snapshot.cacheWrite1h +
            BigInt(usage.outputTokens) * snapshot.output +
            BigInt(usage.reasoningTokens) * snapshot.reasoning) *
          multiplier;
        const over = costOf(usage, snapshot) * 1_000n * ONE - exact;
        expect(over >= 0n && over < 1_000n * ONE).toBe(true);
      }),
    );
  });

  test('nothing used costs nothing, and more of anything never costs less', () => {
    fc.assert(
      fc.property(
        prices,
        usages,
        fc.constantFrom(...(Object.keys(NO_USAGE).slice(0, 6) as (keyof TokenCounts)[])),
        (price, usage, bucket) => {
          const snapshot = priceFor(readPrice(price), promptTokens(usage));
          expect(costOf(NO_USAGE, snapshot)).toBe(0n);
          const more = { ...usage, [bucket]: usage[bucket] + 1 };
          expect(costOf(more, snapshot) >= costOf(usage, snapshot)).toBe(true);
        },
      ),
    );
  });

  test('a million requests cost a million times one, to the nano-USD', () => {
    const price = priceFor(readPrice({ input: '0.0375', output: '0.3' }), 3);
    let sum = 0n;
    for (let i = 0; i < 1_000_000; i++) sum += costOf({ ...NO_USAGE, inputTokens: 3 }, price);
    expect(sum).toBe(113n * 1_000_000n);
  });
});

describe('prices as providers publish them', () => {
  test('each bucket has its own price', () => {
    const list = readPrice({
      input: 3,
      cachedInput: 0.3,
      cacheWrite: 3.75,
      cacheWrite1h: 6,
      output: 15,
      reasoning: 20,
    });
    const usage = {
      inputTokens: 1,
      cachedInputTokens: 10,
      cacheWriteTokens: 100,
      cacheWrite1hTokens: 1_000,
      outputTokens: 10_000,
      reasoningTokens: 100_000,
    };
    expect(costOf(usage, priceFor(list, 1_111))).toBe(
      3_000n + 3_000n + 375_000n + 6_000_000n + 150_000_000n + 2_000_000_000n,
    );
  });

  test('what has no price costs what its kind costs', () => {
    expect(readPrice({ input: 2, output: 8 }).base.rates).toEqual({
      input: 2_000_000n,
      cachedInput: 2_000_000n,
      cacheWrite: 2_000_000n,
      cacheWrite1h: 4_000_000n,
      output: 8_000_000n,
      reasoning: 8_000_000n,
    });
    expect(readPrice({ input: 2, output: 8, cacheWrite: 3 }).base.rates.cacheWrite1h).toBe(4_000_000n);
  });

  test('a long input makes the whole request cost its tier, from the first token above', () => {
    const list = readPrice({
      input: 1,
      output: 5,
      tiers: [
        { aboveInputTokens: 500, input: 4, output: 20 },
        { aboveInputTokens: 200, input: 2, output: 10 },
      ],
    });
    const inputPrice = (tokens: number) => priceFor(list, tokens).input;
    expect([200, 201, 500, 501].map(inputPrice)).toEqual([1_000_000n, 2_000_000n, 2_000_000n, 4_000_000n]);
    expect(maxCostOf({ inputTokens: 501, outputTokens: 1 }, list, ONE)).toBe(501n * 4_000n + 20_000n);
    expect(maxCostOf({ inputTokens: 200, outputTokens: 1 }, list, ONE)).toBe(200n * 1_000n + 5_000n);
  });

  test('a plan multiplies the price before the one rounding', () => {
    const price = priceFor(readPrice({ input: '0.0375', output: 0 }), 3, readMultiplier('1.5'));
    expect(costOf({ ...NO_USAGE, inputTokens: 3 }, price)).toBe(169n);
    expect(costOf({ ...NO_USAGE, inputTokens: 3 }, { ...price, multiplier: 0n })).toBe(0n);
  });

  test.each([-1, '0.0000001', 'double', Number.NaN])('a multiplier of %s is refused', (multiplier) => {
    expect(() => readMultiplier(multiplier)).toThrow(RangeError);
  });

  test('a price below zero is refused, also in a tier', () => {
    expect(() => readPrice({ input: -1, output: 1 })).toThrow(RangeError);
    expect(() => readPrice({ input: 1, output: 1, tiers: [{ aboveInputTokens: 1, input: 1, output: -1 }] })).toThrow(
      RangeError,
    );
  });

  test('nothing is affordable when the amount does not even pay for the input', () => {
    const list = readPrice({ input: 1, output: 1 });
    expect(affordableOutput(99_999n, 100, list, ONE)).toBe(0);
    expect(affordableOutput(100_000n, 100, list, ONE)).toBe(0);
    expect(affordableOutput(101_000n, 100, list, ONE)).toBe(1);
  });
});

describe('units', () => {
  const list = readPrice({
    input: 1,
    output: 2,
    units: {
      web_search: 0.01,
      input_second: '0.0001',
      image: 0.04,
      'image:1024x1024:high': 0.17,
      input_audio_token: { perMillion: 40 },
    },
  });
  const costOfUnits = (units: Record<string, number>, multiplier = ONE) =>
    costOf({ ...NO_USAGE, units }, priceFor(list, 0, multiplier));

  test('cost their price each, with the multiplier of the plan', () => {
    expect(costOfUnits({ web_search: 3 })).toBe(30_000_000n);
    expect(costOfUnits({ web_search: 3 }, 2n * ONE)).toBe(60_000_000n);
  });

  test('of a name with parts cost the longest beginning that is priced', () => {
    expect(costOfUnits({ 'image:1024x1024:high': 1 })).toBe(170_000_000n);
    expect(costOfUnits({ 'image:1024x1024:low': 1 })).toBe(40_000_000n);
  });

  test('may be fractions', () => {
    expect(costOfUnits({ input_second: 2.5 })).toBe(250_000n);
  });

  test('that are tokens cost the price of their side where they have none', () => {
    expect(costOfUnits({ input_audio_token: 1_000_000 })).toBe(40_000_000_000n);
    expect(costOfUnits({ input_image_token: 1_000_000, output_image_token: 1_000_000 })).toBe(3_000_000_000n);
    expect(promptTokens({ ...NO_USAGE, inputTokens: 5, units: { input_image_token: 7, web_search: 1 } })).toBe(12);
  });

  test('without a price cost nothing', () => {
    expect(costOfUnits({ maps: 4 })).toBe(0n);
  });

  test('within their bounds never cost more than what was held for them', () => {
    const names = fc.constantFrom(
      'web_search',
      'image:1024x1024:high',
      'input_audio_token',
      'input_image_token',
      'maps',
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.nat(1_000)), usages, (units, usage) => {
        const bounds = {
          inputTokens: promptTokens(usage),
          outputTokens: completionTokens(usage),
          units,
          hourWrites: true,
        };
        expect(withinBounds({ ...usage, units }, bounds)).toBe(true);
        const cost = costOf({ ...usage, units }, priceFor(list, promptTokens({ ...usage, units })));
        expect(cost <= maxCostOf(bounds, list, ONE)).toBe(true);
      }),
    );
  });
});

test('the reported cost is charged with its markup, exactly and rounded up once', () => {
  const price = priceFor(readPrice({ input: 1, output: 2, reported: { markup: '1.1' } }), 0);
  expect(costOf({ ...NO_USAGE, inputTokens: 5, reportedCost: '0.00002' }, price)).toBe(22_000n);
  expect(costOf({ ...NO_USAGE, reportedCost: '0.0000000001' }, price)).toBe(1n);
  expect(costOf({ ...NO_USAGE, inputTokens: 5 }, price)).toBe(5_000n);
});

test.each([...['0', '999999.999999999999', 0.1, 0, 999_999]])('a provider can report a cost of %s', (cost) => {
  expect(reportedCost(cost)).toBe(String(cost));
});

test.each([
  ...['1000000', '1e3', '-1', '', '1,5', 1e6, 1e15, 1e30, -1, Number.NaN, Number.POSITIVE_INFINITY, null, {}],
])('%s is no cost', (cost) => {
  expect(reportedCost(cost)).toBeUndefined();
});
