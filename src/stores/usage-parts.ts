import type { UsageDimension, UsageQuery } from '../meter/usage-log.js';

/** Sums are kept by hour and by day, UTC; for each key, model and `via`, and (`all_…`) for all keys together. */
export type Grain = 'hour' | 'day' | 'all_hour' | 'all_day';

/** A stretch of time, and where its sums come from. Bounds are milliseconds, inclusive and exclusive; undefined: none. */
export interface UsagePart {
  readonly source: Grain | 'event';
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** True of events that another part counts and that are not asked for. */
  readonly subtracted?: true;
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
 * Where to read a query's sums from: whole days and hours were summed when they were charged, and only where a range begins or
 * ends within an hour events are read, those on the side of the cut with fewer: if they are not asked for, they are taken off the
 * sum of the hour. So a report costs about the same however many events there are, and is as exact.
 *
 * @param now says which side of a cut in the running hour has fewer; the sums don't depend on it.
 */
export function usageParts(query: UsageQuery, now: number): UsagePart[] {
  const { groupBy, from, to, id, keyId } = query;
  const events: UsagePart = { source: 'event', from, to };
  const areKept = groupBy.every((dimension) => KEPT.has(dimension)) || ownDimension(query) !== undefined;
  if (id !== undefined || !areKept) return [events];
  if (isEmpty(from, to) || isWithinAnHour(from, to)) return [events];
  const [hour, day]: readonly [Grain, Grain] =
    keyId !== undefined || groupBy.includes('key') ? ['hour', 'day'] : ['all_hour', 'all_day'];
  const [first, last] = [cutAt(from, 'begin', now), cutAt(to, 'end', now)];
  const hours: UsagePart = { source: hour, from: first.hour, to: last.hour };
  const whole = isEmpty(first.hour, last.hour) ? [] : groupBy.includes('hour') ? [hours] : wholeDays(hours, day);
  return [...first.events, ...whole, ...last.events];
}

function isWithinAnHour(from: number | undefined, to: number | undefined): boolean {
  const [first, last] = [down(from, HOUR_MS), up(to, HOUR_MS)];
  return first !== undefined && last !== undefined && last - first <= HOUR_MS && !(from === first && to === last);
}

/** Where the whole hours of a range begin or end, and the events between that and the bound of the range. */
function cutAt(
  bound: number | undefined,
  side: 'begin' | 'end',
  now: number,
): { readonly hour: number | undefined; readonly events: UsagePart[] } {
  const [start, end] = [down(bound, HOUR_MS), up(bound, HOUR_MS)];
  if (bound === undefined || start === undefined || end === undefined || start === end)
    return { hour: bound, events: [] };
  const before: UsagePart = { source: 'event', from: start, to: bound };
  const after: UsagePart = { source: 'event', from: bound, to: end };
  const filled = Math.min(Math.max(now, start), end);
  const fewerBefore = Math.min(bound, filled) - start < filled - Math.min(bound, filled);
  if (side === 'begin')
    return fewerBefore ? { hour: start, events: [{ ...before, subtracted: true }] } : { hour: end, events: [after] };
  return fewerBefore ? { hour: start, events: [before] } : { hour: end, events: [{ ...after, subtracted: true }] };
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
