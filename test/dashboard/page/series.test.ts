import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UsageReportAnswer } from '../../../dashboard-page/shapes.js';
import { metricOf, REST, sumOf, toSeries } from '../../../dashboard-page/usage/series.js';

const BUCKETS = ['2026-11-20', '2026-11-21', '2026-11-22'];
const GROUPS = ['a', 'b', 'c', 'd', 'e'];

const cell = fc.record({
  id: fc.constantFrom(...GROUPS),
  at: fc.constantFrom(...BUCKETS),
  requests: fc.integer({ min: 1, max: 100 }),
  inputTokens: fc.integer({ min: 0, max: 1_000 }),
  cachedInputTokens: fc.nat(100),
  outputTokens: fc.integer({ min: 0, max: 1_000 }),
  totalTokens: fc.integer({ min: 0, max: 2_000 }),
  cost: fc.integer({ min: 0, max: 1_000 }).map(String),
});
type Cell = typeof cell extends fc.Arbitrary<infer T> ? T : never;

/** What the API answers for these cells when it draws `top` groups apart. */
function reportOf(cells: readonly Cell[], top: number): UsageReportAnswer {
  const of = (id: string) => cells.filter((one) => one.id === id);
  const ids = GROUPS.filter((id) => of(id).length > 0);
  const points = (some: readonly Cell[]) =>
    BUCKETS.map((at) => ({ at, ...sumOf(some.filter((one) => one.at === at)) }));
  return {
    groups: ids.map((id) => ({ id, lastUsed: null, ...sumOf(of(id)) })),
    groupCount: ids.length,
    points: points(cells),
    series: ids.slice(0, top).map((id) => ({ id, points: points(of(id)) })),
    previous: null,
    names: {},
  };
}

describe('the series of a chart', () => {
  test.each(['cost', 'requests', 'tokens'] as const)('lose and add no %s, whatever the groups', (metric) => {
    fc.assert(
      fc.property(fc.array(cell), fc.integer({ min: 1, max: 6 }), (cells, top) => {
        const report = reportOf(cells, top);
        const series = toSeries(report, BUCKETS, metric, top);
        expect(series.length).toBeLessThanOrEqual(top + 1);
        const drawn = series.flatMap(({ points }) => points).reduce((sum, value) => sum + value, 0);
        expect(drawn).toBeCloseTo(metricOf(metric, sumOf(cells)), 6);
        for (const { points } of series) expect(points).toHaveLength(BUCKETS.length);
      }),
    );
  });

  test('name the rest only where there is any', () => {
    const cells = ['a', 'b', 'c'].map((id) => ({
      ...{ id, at: '2026-11-21', requests: 1, inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, totalTokens: 2 },
      cost: '1',
    }));
    const ids = (top: number) => toSeries(reportOf(cells, top), BUCKETS, 'cost', top).map(({ id }) => id);
    expect(ids(3)).toEqual(['a', 'b', 'c']);
    expect(ids(2)).toEqual(['a', 'b', REST]);
  });
});
