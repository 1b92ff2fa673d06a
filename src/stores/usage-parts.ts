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
 * Where to read a query's sums from: whole days were summed when they were charged; where a range begins or ends within one, the
 * hours on the side of the cut with fewer are read beside it, and the same goes for the events of an hour. What is not asked
 * for is taken off. So a report costs about the same however many events there are, and is as exact.
 *
 * @param now says which side of a cut in the running hour or day has fewer; the sums don't depend on it.
 */
export function usageParts(query: UsageQuery, now: number): UsagePart[] {
  const { groupBy, from, to, id, keyId } = query;
  const events: UsagePart = { source: 'event', from, to };
  const areKept = groupBy.every((dimension) => KEPT.has(dimension)) || ownDimension(query) !== undefined;
  if (id !== undefined || !areKept) return [events];
  if (isEmpty(from, to) || isWithinOne(HOUR_MS, from, to)) return [events];
  const [hour, day]: readonly [Grain, Grain] =
    keyId !== undefined || groupBy.includes('key') ? ['hour', 'day'] : ['all_hour', 'all_day'];
  const inHours = { unit: HOUR_MS, finer: 'event', now } as const;
  const [first, last] = [cutAt(from, 'begin', inHours), cutAt(to, 'end', inHours)];
  const hours: UsagePart = { source: hour, from: first.bound, to: last.bound };
  const asHours = groupBy.includes('hour') || isWithinOne(DAY_MS, hours.from, hours.to);
  const whole = isEmpty(hours.from, hours.to) ? [] : asHours ? [hours] : wholeDays(hours, hour, day, now);
  return [...first.rest, ...whole, ...last.rest];
}

function wholeDays({ from, to }: UsagePart, finer: Grain, day: Grain, now: number): UsagePart[] {
  const inDays = { unit: DAY_MS, finer, now } as const;
  const [first, last] = [cutAt(from, 'begin', inDays), cutAt(to, 'end', inDays)];
  const days: UsagePart = { source: day, from: first.bound, to: last.bound };
  return [...first.rest, ...(isEmpty(days.from, days.to) ? [] : [days]), ...last.rest];
}

/** A range that lies in one hour or day, and is not all of it. */
function isWithinOne(unit: number, from: number | undefined, to: number | undefined): boolean {
  const [first, last] = [down(from, unit), up(to, unit)];
  return first !== undefined && last !== undefined && last - first <= unit && !(from === first && to === last);
}

interface Cut {
  /** Where the whole units begin or end. */
  readonly bound: number | undefined;
  /** What is read beside them. */
  readonly rest: UsagePart[];
}

/** Cuts a range into whole units, and finer ones between them and its bound. */
function cutAt(
  bound: number | undefined,
  side: 'begin' | 'end',
  { unit, finer, now }: { readonly unit: number; readonly finer: UsagePart['source']; readonly now: number },
): Cut {
  const [start, end] = [down(bound, unit), up(bound, unit)];
  if (bound === undefined || start === undefined || end === undefined || start === end) return { bound, rest: [] };
  const before: UsagePart = { source: finer, from: start, to: bound };
  const after: UsagePart = { source: finer, from: bound, to: end };
  const filled = Math.min(Math.max(now, start), end);
  const fewerBefore = Math.min(bound, filled) - start < filled - Math.min(bound, filled);
  if (side === 'begin')
    return fewerBefore ? { bound: start, rest: [{ ...before, subtracted: true }] } : { bound: end, rest: [after] };
  return fewerBefore ? { bound: start, rest: [before] } : { bound: end, rest: [{ ...after, subtracted: true }] };
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
