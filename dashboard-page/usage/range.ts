/** A choice of the range picker. */
export const RANGE_CHOICES = ['day', 'week', 'month', 'quarter', 'year', 'custom'] as const;
export type RangeChoice = (typeof RANGE_CHOICES)[number];

/** What is chosen; the dates count for `custom` only, as `2026-11-21`, both inclusive. */
export interface RangeDraft {
  readonly choice: RangeChoice;
  readonly first: string;
  readonly last: string;
}

/** What one bar of a chart covers, in UTC. */
export type RangeUnit = 'hour' | 'day' | 'month';

/** A span of time cut into UTC hours, days or months. */
export interface Range {
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly unit: RangeUnit;
  /** Every month (`2026-11`), day (`2026-11-21`) or hour (`2026-11-21T14`), as the API names them. */
  readonly buckets: readonly string[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAX_DAYS = 366;
const MONTHS = 12;
const DAYS = { week: 7, month: 30, quarter: 90 } as const;

/** The range that an address names; the last 30 days where it names none. */
export function rangeDraftOf(query: URLSearchParams, now: number): RangeDraft {
  return {
    choice: RANGE_CHOICES.find((choice) => choice === query.get('range')) ?? 'month',
    first: dateOf(query.get('first')) ?? isoDay(now - 6 * DAY),
    last: dateOf(query.get('last')) ?? isoDay(now),
  };
}

function dateOf(text: string | null): string | undefined {
  return text === null || Number.isNaN(dayOf(text)) ? undefined : text;
}

/** How an address names a range. */
export function rangeQueryOf({ choice, first, last }: RangeDraft): Record<string, string | undefined> {
  return choice === 'custom' ? { range: choice, first, last } : { range: choice, first: undefined, last: undefined };
}

/** The span that was chosen; it ends with the hour, day or month that `now` is in. */
export function readRange({ choice, first, last }: RangeDraft, now: number): Range {
  if (choice === 'day') return hours(Math.floor(now / HOUR) * HOUR - 23 * HOUR, 24);
  if (choice === 'year') return months(now);
  const today = Math.floor(now / DAY) * DAY;
  if (choice !== 'custom') return days(today - (DAYS[choice] - 1) * DAY, DAYS[choice]);
  const start = dayOf(first);
  const end = dayOf(last);
  if (Number.isNaN(start) || Number.isNaN(end) || end < start) return days(today, 1);
  const length = Math.min(MAX_DAYS, Math.round((end - start) / DAY) + 1);
  return length === 1 ? hours(start, 24) : days(start, length);
}

/** NaN for anything but `2026-11-21`: a time far off has no name in ISO 8601. */
function dayOf(text: string): number {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
}

/** The range of an address. */
export function rangeOf(query: URLSearchParams, now: number): Range {
  return readRange(rangeDraftOf(query, now), now);
}

function months(now: number): Range {
  const date = new Date(now);
  const start = (index: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1 - MONTHS + index, 1);
  const buckets = Array.from({ length: MONTHS }, (_, index) => new Date(start(index)).toISOString().slice(0, 7));
  return { ...span(start(0), start(MONTHS)), unit: 'month', buckets };
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
