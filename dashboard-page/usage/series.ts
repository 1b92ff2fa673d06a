import { count, money, shortCount, shortMoney } from '../format.js';
import type { UsageReportAnswer, UsageSums } from '../shapes.js';

/** What is measured. */
export type Metric = 'cost' | 'requests' | 'tokens';

/** The usage of one model, key or account over time. */
export interface Series {
  /** Model name, key id or account id. */
  readonly id: string;
  /** One value per bucket of the range. */
  readonly points: readonly number[];
}

/** The id of all that has no series of its own. */
export const REST = '\u0000rest';

/** A value of some sums. */
export function metricOf(metric: Metric, sums: Pick<UsageSums, 'cost' | 'requests' | 'totalTokens'>): number {
  if (metric === 'cost') return Number(sums.cost);
  return metric === 'requests' ? sums.requests : sums.totalTokens;
}

/**
 * One series per group, and one for all the rest where there is any; every bucket has a point, also where nothing was
 * used.
 */
export function toSeries(
  report: UsageReportAnswer,
  buckets: readonly string[],
  metric: Metric,
  most: number,
): Series[] {
  const valuesOf = (points: UsageReportAnswer['series'][number]['points']) => {
    const byBucket = new Map(points.map((point) => [point.at, metricOf(metric, point)]));
    return buckets.map((bucket) => byBucket.get(bucket) ?? 0);
  };
  const series = report.series.slice(0, most).map(({ id, points }) => ({ id, points: valuesOf(points) }));
  if (report.groupCount <= series.length) return series;
  const totals = valuesOf(report.points);
  const rest = totals.map((total, index) =>
    // Cents in binary: what is left of a sum may be a hair below zero.
    Math.max(0, total - series.reduce((sum, { points }) => sum + (points[index] ?? 0), 0)),
  );
  return [...series, { id: REST, points: rest.map((value) => (value < 1e-9 ? 0 : value)) }];
}

/** All points together. */
export function sumOf(points: readonly UsageSums[]): UsageSums {
  const add = (field: keyof Omit<UsageSums, 'cost' | 'providerCost' | 'margin'>) =>
    points.reduce((sum, point) => sum + point[field], 0);
  return {
    requests: add('requests'),
    inputTokens: add('inputTokens'),
    cachedInputTokens: add('cachedInputTokens'),
    outputTokens: add('outputTokens'),
    totalTokens: add('totalTokens'),
    cost: String(points.reduce((sum, { cost }) => sum + Number(cost), 0)),
  };
}

/** A value of a metric as text. */
export function formatMetric(metric: Metric, value: number, short = false): string {
  if (metric === 'cost') return short ? shortMoney(value) : money(value);
  return short ? shortCount(value) : count(value);
}
