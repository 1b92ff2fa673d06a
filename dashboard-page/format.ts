import { ApiError } from './client.js';
import { now } from './clock.js';
import { dateFormat, numberFormat, timeAgoFormat } from './formatters.js';
import { findMessage, t } from './i18n.js';

/** Decimals below a dollar: what an account holds, or what a single request cost. */
export type MoneyDetail = 'held' | 'request';
const MOST_DIGITS: Readonly<Record<MoneyDetail, number>> = { held: 4, request: 6 };

/**
 * An amount of US dollars: cents from a dollar on, two significant digits below. What is not zero never looks like it: less
 * than the smallest amount shown is `< $0.0001`. Another currency has the digits that are usual for it.
 */
export function money(amount: string | number, detail: MoneyDetail = 'held', currency = 'USD'): string {
  // Nothing has no sign: -0 would be written as -$0.00.
  const value = Number(amount) + 0;
  if (currency.toUpperCase() !== 'USD')
    return numberFormat({ style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(value);
  const size = Math.abs(value);
  const most = MOST_DIGITS[detail];
  const least = 10 ** -most;
  if (size > 0 && size < least) return `${value < 0 ? '> −' : '< '}${dollars(least, most)}`;
  if (size === 0 || size >= 1) return dollars(value, 2);
  const leadingZeros = Math.max(0, -Math.floor(Math.log10(size)) - 1);
  return dollars(value, Math.min(most, Math.max(2, leadingZeros + 2)));
}

function dollars(value: number, digits: number): string {
  return numberFormat({
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

export function count(value: number): string {
  return numberFormat({}).format(value);
}

/** A count in few characters: 1.2M. */
export function shortCount(value: number): string {
  return numberFormat({ notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** A share of 1; what is not zero never looks like it. */
export function percent(value: number): string {
  if (value > 0 && value < 0.001) return `< ${percent(0.001)}`;
  const digits = value > 0 && value < 0.1 ? 1 : 0;
  return numberFormat({ style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** How a value compares with the one before it: `+12% vs. the period before`. */
export function change(now: number, before: number): string {
  if (before === 0) return t('change.none');
  const share = (now - before) / before;
  const text = numberFormat({
    style: 'percent',
    maximumFractionDigits: 0,
    signDisplay: 'exceptZero',
  });
  return t('change.before', { share: text.format(share) });
}

export function date(iso: string): string {
  return dateFormat({ dateStyle: 'medium' }).format(new Date(iso));
}

/** A UTC day: `Nov 21, 2026`. */
export function utcDay(day: string): string {
  return dateFormat({ dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(day));
}

/** A UTC month: `November 2026`. */
export function monthName(month: string): string {
  const options = { year: 'numeric', month: 'long', timeZone: 'UTC' } as const;
  return dateFormat(options).format(new Date(`${month}-01`));
}

/** @param exact with seconds. */
export function dateTime(iso: string, exact = false): string {
  const timeStyle = exact ? 'medium' : 'short';
  return dateFormat({ dateStyle: 'medium', timeStyle }).format(new Date(iso));
}

/** An amount on the axis of a chart, in few characters: `$0.000025`, `$2.50`, `$1.25M`. */
export function shortMoney(value: number): string {
  const digits =
    value >= 1_000
      ? ({ notation: 'compact', maximumSignificantDigits: 3 } as const)
      : { minimumFractionDigits: value === 0 ? 0 : 2, maximumFractionDigits: MOST_AXIS_DIGITS };
  return numberFormat({ style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', ...digits }).format(value);
}

/** Lines of a chart stand at round values, however small. */
const MOST_AXIS_DIGITS = 12;

/** A span of time: `430 ms`, `2.4 s`, `3 min`. */
export function duration(ms: number): string {
  const unit = ms < 999.5 ? 'millisecond' : ms < 119_950 ? 'second' : 'minute';
  const value = unit === 'millisecond' ? Math.round(ms) : unit === 'second' ? ms / 1_000 : ms / 60_000;
  const digits = unit === 'second' ? 1 : 0;
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return numberFormat({ style: 'unit', unit, unitDisplay: 'short', ...fraction }).format(value);
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** How long ago something was; a date when it was more than a month. */
export function ago(iso: string | null): string {
  if (!iso) return t('time.never');
  const passed = now() - new Date(iso).getTime();
  if (passed > 30 * 86_400_000) return date(iso);
  const step = STEPS.find(([, size]) => passed >= size);
  if (!step) return t('time.now');
  const format = timeAgoFormat({ numeric: 'auto' });
  return format.format(-Math.floor(passed / step[1]), step[0]);
}

/** What to tell the visitor of a failure. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.network');
  return findMessage(`error.${error.code}`) ?? (error.message || t('error.generic'));
}
