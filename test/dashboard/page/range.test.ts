import { describe, expect, test } from 'vitest';
import { rangeDraftOf, rangeOf, rangeQueryOf, readRange } from '../../../dashboard-page/usage/range.js';

const NOW = Date.UTC(2026, 10, 21, 14, 30);
const draft = rangeDraftOf(new URLSearchParams(), NOW);

describe('the range picker', () => {
  test('cuts 24 hours into hours and ends with the present one', () => {
    const range = readRange({ ...draft, choice: 'day' }, NOW);
    expect(range).toMatchObject({ from: '2026-11-20T15:00:00.000Z', to: '2026-11-21T15:00:00.000Z', unit: 'hour' });
    expect([range.buckets.length, range.buckets.at(-1)]).toEqual([24, '2026-11-21T14']);
  });

  test.each([
    ['week', 7, '2026-11-15'],
    ['month', 30, '2026-10-23'],
    ['quarter', 90, '2026-08-24'],
  ] as const)('cuts a %s into %i UTC days and ends with today', (choice, days, first) => {
    const range = readRange({ ...draft, choice }, NOW);
    expect([range.buckets.length, range.buckets[0], range.buckets.at(-1)]).toEqual([days, first, '2026-11-21']);
    expect([range.from, range.to]).toEqual([`${first}T00:00:00.000Z`, '2026-11-22T00:00:00.000Z']);
  });

  test('cuts 12 months into months, the running one last', () => {
    const range = readRange({ ...draft, choice: 'year' }, NOW);
    expect(range).toMatchObject({ from: '2025-12-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z', unit: 'month' });
    expect(range.buckets).toEqual([
      '2025-12',
      ...Array.from({ length: 11 }, (_, i) => `2026-${String(i + 1).padStart(2, '0')}`),
    ]);
  });

  test('stands in the address, and is 30 days where the address names none', () => {
    expect(draft.choice).toBe('month');
    for (const choice of ['day', 'week', 'month', 'quarter', 'year'] as const) {
      const query = new URLSearchParams({ range: choice });
      expect(rangeOf(query, NOW)).toEqual(readRange({ ...draft, choice }, NOW));
      expect(rangeQueryOf(rangeDraftOf(query, NOW))).toEqual({ range: choice, first: undefined, last: undefined });
    }
    const custom = { range: 'custom', first: '2026-11-01', last: '2026-11-03' };
    expect(rangeQueryOf(rangeDraftOf(new URLSearchParams(custom), NOW))).toEqual(custom);
    expect(rangeOf(new URLSearchParams({ range: 'century' }), NOW).buckets).toHaveLength(30);
  });

  test('takes two dates, both inclusive; one day is cut into hours', () => {
    const custom = (first: string, last: string) => readRange({ choice: 'custom', first, last }, NOW);
    expect(custom('2026-11-01', '2026-11-03').buckets).toEqual(['2026-11-01', '2026-11-02', '2026-11-03']);
    expect(custom('2026-11-01', '2026-11-01')).toMatchObject({ unit: 'hour', to: '2026-11-02T00:00:00.000Z' });
    expect(custom('2020-01-01', '2026-11-03').buckets).toHaveLength(366);
  });

  test.each([
    ['', '2026-11-01'],
    ['2026-11-03', '2026-11-01'],
    ['+275760-09-12', '+275760-09-13'],
    ['1 Nov 2026', '2 Nov 2026'],
    ['2026-99-99', '2026-99-99'],
  ])('falls back to today for "%s" to "%s"', (first, last) => {
    expect(readRange({ choice: 'custom', first, last }, NOW).buckets).toEqual(['2026-11-21']);
  });
});
