import { expect, test } from 'vitest';
import { parseDuration } from '../../src/lib/duration.js';

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['15m', 900_000],
  ['1.5h', 5_400_000],
  ['30d', 2_592_000_000],
  [0, 0],
  [5_000, 5_000],
  ['30', undefined],
  ['-1d', undefined],
  ['1 d', undefined],
  ['1w', undefined],
  [-1, undefined],
  [1.5, undefined],
  [undefined, undefined],
  [null, undefined],
])('%s is %s milliseconds', (duration, ms) => {
  expect(parseDuration(duration)).toBe(ms);
});
