import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatUsd, parsePricePerMillion, parseUsd } from '../../src/lib/money.js';

const MAX = 2n ** 63n - 1n;
const amounts = fc.bigInt({ min: -MAX, max: MAX });

describe('amounts of US dollars', () => {
  test('what is written is read back exactly, for every 64-bit amount', () => {
    fc.assert(fc.property(amounts, (nano) => parseUsd(formatUsd(nano)) === nano));
  });

  test('the written form has no exponent, no superfluous zeros and at most nine decimals', () => {
    fc.assert(
      fc.property(amounts, (nano) => {
        expect(formatUsd(nano)).toMatch(/^-?(0|[1-9]\d*)(\.\d{0,8}[1-9])?$/);
      }),
    );
  });

  test.each([
    ['10.00', 10_000_000_000n],
    ['0.000000001', 1n],
    ['-0.5', -500_000_000n],
    [' 7 ', 7_000_000_000n],
    ['1.1000000000000', 1_100_000_000n],
    [0.1 + 0.2, 300_000_000n],
    [1e-9, 1n],
    [1e6, 1_000_000_000_000_000n],
    ['9007199.254740993', 9_007_199_254_740_993n],
    ['9223372036.854775807', MAX],
  ])('%s is %s nano-USD', (amount, nano) => {
    expect(parseUsd(amount)).toBe(nano);
  });

  test.each([
    '',
    'ten',
    '1e3',
    '1,5',
    '.5',
    '5.',
    '0x10',
    '--1',
    '+1',
    '0.0000000001',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e-10,
    '9223372036.854775808',
    '-9223372036.854775808',
    '9'.repeat(31),
  ])('%s is refused', (amount) => {
    expect(() => parseUsd(amount)).toThrow(RangeError);
  });

  test.each([
    [0n, '0'],
    [1n, '0.000000001'],
    [-1n, '-0.000000001'],
    [9_987_650_000n, '9.98765'],
    [10_000_000_000n, '10'],
  ])('%s nano-USD is written as %s', (nano, text) => {
    expect(formatUsd(nano)).toBe(text);
  });
});

describe('prices per million tokens', () => {
  test.each([
    [0.15, 150_000n],
    ['0.0375', 37_500n],
    [15, 15_000_000n],
    ['0.000001', 1n],
    [0, 0n],
    [0.1 + 0.2, 300_000n],
  ])('USD %s per million are %s pico-USD per token', (price, pico) => {
    expect(parsePricePerMillion(price)).toBe(pico);
  });

  test.each([-1, '-0.1', '0.0000001', 'free', Number.NaN, Number.NEGATIVE_INFINITY])('%s is refused', (price) => {
    expect(() => parsePricePerMillion(price)).toThrow(RangeError);
  });
});
