/** A choice of the range picker. */
export type RangeChoice = 'day' | 'week' | 'month' | 'quarter' | 'custom';

/** What is chosen; the dates count for `custom` only, as `2026-11-21`, both inclusive. */
export interface RangeDraft {
  readonly choice: RangeChoice;
  readonly first: string;
  readonly last: string;
}

/** A span of time cut into UTC days or hours. */
export interface Range {
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly unit: 'day' | 'hour';
  /** Every day (`2026-11-21`) or hour (`2026-11-21T14`), as the API names them. */
  readonly buckets: readonly string[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAX_DAYS = 366;
const DAYS = { week: 7, month: 30, quarter: 90 } as const;

/** The last 30 days. */
export function initialRange(now: number): RangeDraft {
  return { choice: 'month', first: isoDay(now - 6 * DAY), last: isoDay(now) };
}

/** The span that was chosen; it ends with the hour or day that `now` is in. */
export function readRange({ choice, first, last }: RangeDraft, now: number): Range {
  if (choice === 'day') return hours(Math.floor(now / HOUR) * HOUR - 23 * HOUR, 24);
  const today = Math.floor(now / DAY) * DAY;
  if (choice !== 'custom') return days(today - (DAYS[choice] - 1) * DAY, DAYS[choice]);
  const start = Date.parse(first);
  const end = Date.parse(last);
  if (Number.isNaN(start) || Number.isNaN(end) || end < start) return days(today, 1);
  const length = Math.min(MAX_DAYS, Math.round((end - start) / DAY) + 1);
  return length === 1 ? hours(start, 24) : days(start, length);
}

function days(start: number, length: number): Range {
  const buckets = Array.from({ length }, (_, index) => isoDay(start + index * DAY));
  return { ...span(start, start + length * DAY), unit: 'day', buckets };
}

function hours(start: number, length: number): Range {
  const buckets = Array.from({ length }, (_, index) => new Date(start + index * HOUR).toISOString().slice(0, 13));
  return { ...span(start, start + length * HOUR), unit: 'hour', buckets };
}

function span(from: number, to: number) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
