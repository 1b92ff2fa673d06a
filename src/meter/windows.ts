/** A stretch of time, from its first instant to the first one after it, in milliseconds since the epoch. */
export interface TimeWindow {
  readonly startsAt: number;
  readonly endsAt: number;
}

/**
 * How long a window is: a UTC day, a week that begins on Monday, a month, or a number of hours or days that begin with
 * the first request after the last window ended.
 */
export type WindowLength = 'day' | 'week' | 'month' | `${number}h` | `${number}d`;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ROLLING = /^([1-9]\d{0,3})([hd])$/;

/** True for a length that `windowAt` accepts. */
export function isWindowLength(value: unknown): value is WindowLength {
  return typeof value === 'string' && (/^(day|week|month)$/.test(value) || ROLLING.test(value));
}

/** True for a length whose windows begin with use: hours and days. */
export function beginsWithUse(length: string): boolean {
  return ROLLING.test(length);
}

/**
 * The window that `now` falls in; one of hours or days begins now.
 *
 * @param anchor the instant on whose UTC day weeks and months begin, in place of Monday and the first; a month without
 * such a day begins on its last one.
 */
export function windowAt(length: WindowLength, now: number, anchor?: number): TimeWindow {
  if (length === 'day') return daysFrom(startOfDay(now), 1);
  if (length === 'week') return daysFrom(startOfWeek(now, anchor), 7);
  if (length === 'month') return monthAt(now, anchor);
  const [, count, unit] = ROLLING.exec(length) ?? [];
  return { startsAt: now, endsAt: now + Number(count) * (unit === 'h' ? HOUR_MS : DAY_MS) };
}

function daysFrom(startsAt: number, days: number): TimeWindow {
  return { startsAt, endsAt: startsAt + days * DAY_MS };
}

function startOfDay(now: number): number {
  return Math.floor(now / DAY_MS) * DAY_MS;
}

/** 1970-01-05 was a Monday. */
const FIRST_MONDAY = 4 * DAY_MS;

function startOfWeek(now: number, anchor = FIRST_MONDAY): number {
  const first = startOfDay(anchor);
  return first + Math.floor((now - first) / (7 * DAY_MS)) * 7 * DAY_MS;
}

function monthAt(now: number, anchor: number | undefined): TimeWindow {
  const date = new Date(now);
  const dayOfMonth = anchor === undefined ? 1 : new Date(anchor).getUTCDate();
  const begin = (month: number): number => {
    const days = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
    return Date.UTC(date.getUTCFullYear(), month, Math.min(dayOfMonth, days));
  };
  const month = begin(date.getUTCMonth()) <= now ? date.getUTCMonth() : date.getUTCMonth() - 1;
  return { startsAt: begin(month), endsAt: begin(month + 1) };
}

/** How long a budget is kept apart: a UTC day, a week that begins on Monday, a UTC month, or for ever. */
export const BUDGET_PERIODS = ['day', 'week', 'month', 'total'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** The name of the window of a budget that `now` falls in: `2026-11-21`, `2026-11-16/week`, `2026-11` or `total`. */
export function budgetWindowAt(period: BudgetPeriod, now: number): string {
  if (period === 'total') return period;
  const { startsAt } = windowAt(period, now);
  const day = new Date(startsAt).toISOString().slice(0, 10);
  if (period === 'week') return `${day}/week`;
  return period === 'day' ? day : day.slice(0, 7);
}

/** When the window of a budget that `now` falls in ends; undefined: never. */
export function budgetEndsAt(period: BudgetPeriod, now: number): number | undefined {
  return period === 'total' ? undefined : windowAt(period, now).endsAt;
}
