import { ApiError } from './client.js';
import { findMessage, locale, t } from './i18n.js';

/**
 * An amount of US dollars.
 *
 * @param digits decimals, so that a column lines up. @default at least two, and more where the amount is small
 */
export function money(amount: string | number, digits?: number): string {
  const size = Math.abs(Number(amount));
  const most = size === 0 || size >= 100 ? 2 : size >= 0.01 ? 4 : 6;
  return new Intl.NumberFormat(locale(), {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits ?? 2,
    maximumFractionDigits: digits ?? most,
  }).format(Number(amount));
}

export function count(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** A count in few characters: 1.2M. */
export function shortCount(value: number): string {
  return new Intl.NumberFormat(locale(), { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** A share of 1. */
export function percent(value: number): string {
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: value < 0.1 ? 1 : 0 }).format(
    value,
  );
}

export function date(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(iso));
}

export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** How long ago something was; a date when it was more than a month. */
export function ago(iso: string | null): string {
  if (!iso) return t('time.never');
  const passed = Date.now() - new Date(iso).getTime();
  if (passed > 30 * 86_400_000) return date(iso);
  const step = STEPS.find(([, size]) => passed >= size);
  if (!step) return t('time.now');
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  return format.format(-Math.floor(passed / step[1]), step[0]);
}

/** What to tell the visitor of a failure. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.network');
  return findMessage(`error.${error.code}`) ?? (error.message || t('error.generic'));
}
