import type { UsageDimension, UsageQuery } from '../meter/usage-log.js';

/** Sums are kept by hour and by day, UTC; for each key, model and `via`, and (`all_…`) for all keys together. */
export type Grain = 'hour' | 'day' | 'all_hour' | 'all_day';

/** A stretch of time, and where its sums come from. Bounds are milliseconds, inclusive and exclusive; undefined: none. */
export interface UsagePart {
  readonly source: Grain | 'event';
  readonly from: number | undefined;
  readonly to: number | undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What all kept sums can be grouped by; by each other dimension there are sums of its own. */
const KEPT: ReadonlySet<string> = new Set(['account', 'model', 'key', 'via', 'day', 'hour']);

/**
 * The dimension of a query that not every request has (`endUser`, `session`, `tag:NAME`). Undefined: it has none, or several,
 * which only events know together.
 */
export function ownDimension({ groupBy }: UsageQuery): UsageDimension | undefined {
  const [own, ...others] = new Set(groupBy.filter((dimension) => !KEPT.has(dimension)));
  return others.length === 0 ? own : undefined;
}

/**
 * Where to read a query's sums from: whole days and hours were summed when they were charged, and only the edges of a
 * range are read event by event. So a report costs the same however many events there are, and is as exact.
 */
export function usageParts(query: UsageQuery): UsagePart[] {
  const { groupBy, from, to, id, keyId } = query;
  const events: UsagePart = { source: 'event', from, to };
  const areKept = groupBy.every((dimension) => KEPT.has(dimension)) || ownDimension(query) !== undefined;
  if (id !== undefined || !areKept) return [events];
  const firstHour = up(from, HOUR_MS);
  const lastHour = down(to, HOUR_MS);
  if (isEmpty(firstHour, lastHour)) return [events];
  const [hour, day]: readonly [Grain, Grain] =
    keyId !== undefined || groupBy.includes('key') ? ['hour', 'day'] : ['all_hour', 'all_day'];
  const hours: UsagePart = { source: hour, from: firstHour, to: lastHour };
  return [
    ...edge('event', from, firstHour),
    ...(groupBy.includes('hour') ? [hours] : wholeDays(hours, day)),
    ...edge('event', lastHour, to),
  ];
}

function wholeDays(hours: UsagePart, day: Grain): UsagePart[] {
  const firstDay = up(hours.from, DAY_MS);
  const lastDay = down(hours.to, DAY_MS);
  if (isEmpty(firstDay, lastDay)) return [hours];
  return [
    ...edge(hours.source, hours.from, firstDay),
    { source: day, from: firstDay, to: lastDay },
    ...edge(hours.source, lastDay, hours.to),
  ];
}

/** What a range has besides its whole units; an open end has no rest. */
function edge(source: UsagePart['source'], from: number | undefined, to: number | undefined): UsagePart[] {
  return from === undefined || to === undefined || from >= to ? [] : [{ source, from, to }];
}

function isEmpty(from: number | undefined, to: number | undefined): boolean {
  return from !== undefined && to !== undefined && from >= to;
}

function up(at: number | undefined, unit: number): number | undefined {
  return at === undefined ? undefined : Math.ceil(at / unit) * unit;
}

function down(at: number | undefined, unit: number): number | undefined {
  return at === undefined ? undefined : Math.floor(at / unit) * unit;
}
