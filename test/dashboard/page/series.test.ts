import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UsageRow } from '../../../dashboard-page/shapes.js';
import { limitSeries, sumOf, toSeries } from '../../../dashboard-page/usage/series.js';

const BUCKETS = ['2026-11-20', '2026-11-21', '2026-11-22'];

const ABSENT = { accountId: undefined, keyId: undefined, hour: undefined };

const row = fc.record({
  model: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  day: fc.constantFrom(...BUCKETS),
  requests: fc.integer({ min: 1, max: 100 }),
  inputTokens: fc.integer({ min: 0, max: 1_000 }),
  cachedInputTokens: fc.constant(0),
  cacheWriteTokens: fc.constant(0),
  outputTokens: fc.integer({ min: 0, max: 1_000 }),
  reasoningTokens: fc.constant(0),
  cost: fc.integer({ min: 0, max: 1_000 }).map(String),
});

const rows = fc.array(
  row.map((one): UsageRow => ({ ...ABSENT, ...one, totalTokens: one.inputTokens + one.outputTokens })),
);

const seriesOf = (data: readonly UsageRow[]) => toSeries(data, BUCKETS, ({ model }) => model);

describe('usage series', () => {
  test('lose and add nothing, whatever the rows', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 6 }), (data, most) => {
        const all = seriesOf(data);
        const total = sumOf(all);
        expect(total.requests).toBe(data.reduce((sum, { requests }) => sum + requests, 0));
        expect(total.cost).toBe(data.reduce((sum, { cost }) => sum + Number(cost), 0));
        const limited = limitSeries(all, most, 'rest');
        expect(limited.length).toBeLessThanOrEqual(most);
        expect(sumOf(limited)).toEqual(total);
        for (const { points, total: own } of limited) {
          expect(points).toHaveLength(BUCKETS.length);
          expect(points.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(own.tokens);
        }
      }),
    );
  });

  test('come highestCost first', () => {
    fc.assert(
      fc.property(rows, (data) => {
        const costs = seriesOf(data).map(({ total }) => total.cost);
        expect(costs).toEqual([...costs].sort((a, b) => b - a));
      }),
    );
  });
});
