import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelEvery, ticks } from '../../../dashboard-page/ui/chart-scale.js';

describe('the lines behind a chart', () => {
  test.each([
    [0, [0]],
    [1, [0, 0.25, 0.5, 0.75, 1]],
    [0.0004, [0, 0.0001, 0.0002, 0.0003, 0.0004]],
    [7, [0, 2, 4, 6, 8]],
    [1_234_567, [0, 500_000, 1_000_000, 1_500_000]],
  ])('up to %f are %j', (highest, expected) => {
    expect(ticks(highest)).toEqual(expected);
  });

  test.each([
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [10, [0, 5, 10]],
  ])('for counts up to %i are whole: %j', (highest, expected) => {
    expect(ticks(highest, true)).toEqual(expected);
  });

  test('hold the highest value between few lines at even distances', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (highest) => {
        const lines = ticks(highest);
        expect(lines[0]).toBe(0);
        expect(lines.at(-1)).toBeGreaterThanOrEqual(highest * (1 - 1e-6));
        expect(lines.length).toBeLessThanOrEqual(6);
        expect(lines.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });
});

describe('the labels below a chart', () => {
  test('fit, and the last one is always there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 20 }), (length, most) => {
        const shown = Array.from({ length }, (_, index) => index).filter(labelEvery(length, most));
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(shown.at(-1)).toBe(length - 1);
      }),
    );
  });
});
