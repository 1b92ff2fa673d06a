import { count, money, shortCount } from '../format.js';
import type { UsageRow } from '../shapes.js';

/** What is measured. */
export type Metric = 'cost' | 'requests' | 'tokens';

/** The usage of one model, key or account. */
export interface Series {
  /** Model name, key id or account id. */
  readonly id: string;
  /** Sum over the whole range. */
  readonly total: Totals;
  /** One sum per bucket of the range. */
  readonly points: readonly Totals[];
}

export interface Totals {
  readonly cost: number;
  readonly requests: number;
  readonly tokens: number;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

const NOTHING: Totals = { cost: 0, requests: 0, tokens: 0, input: 0, cached: 0, output: 0 };

/** Sorts rows into series, the largest first; every bucket has a point, also where nothing was used. */
export function toSeries(
  rows: readonly UsageRow[],
  buckets: readonly string[],
  idOf: (row: UsageRow) => string | undefined,
): Series[] {
  const byId = new Map<string, Map<string, Totals>>();
  for (const row of rows) {
    const id = idOf(row) ?? '';
    const points = byId.get(id) ?? new Map<string, Totals>();
    const bucket = row.hour ?? row.day ?? '';
    points.set(bucket, add(points.get(bucket) ?? NOTHING, totalsOf(row)));
    byId.set(id, points);
  }
  const series = [...byId].map(([id, points]) => ({
    id,
    total: [...points.values()].reduce(add, NOTHING),
    points: buckets.map((bucket) => points.get(bucket) ?? NOTHING),
  }));
  return series.sort((a, b) => b.total.cost - a.total.cost || b.total.requests - a.total.requests);
}

/** The first series as they are, the rest as one. */
export function limitSeries(series: readonly Series[], most: number, restId: string): Series[] {
  if (series.length <= most) return [...series];
  const rest = series.slice(most - 1);
  const points = (rest[0]?.points ?? []).map((_, index) =>
    rest.map((one) => one.points[index] ?? NOTHING).reduce(add, NOTHING),
  );
  return [...series.slice(0, most - 1), { id: restId, total: sumOf(rest), points }];
}

/** All series together. */
export function sumOf(series: readonly Series[]): Totals {
  return series.map(({ total }) => total).reduce(add, NOTHING);
}

/** A value of a metric as text. */
export function formatMetric(metric: Metric, value: number, short = false): string {
  if (metric === 'cost') return money(value);
  return short ? shortCount(value) : count(value);
}

function totalsOf(row: UsageRow): Totals {
  const { requests, inputTokens: input, cachedInputTokens: cached, outputTokens: output } = row;
  return { cost: Number(row.cost), requests, tokens: row.totalTokens, input, cached, output };
}

function add(a: Totals, b: Totals): Totals {
  return {
    cost: a.cost + b.cost,
    requests: a.requests + b.requests,
    tokens: a.tokens + b.tokens,
    input: a.input + b.input,
    cached: a.cached + b.cached,
    output: a.output + b.output,
  };
}
