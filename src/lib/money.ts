import { shown } from './shown.js';

/** Billionths of a US dollar: the unit of balances, holds and charges. Never a float. */
export type NanoUsd = bigint;

const NANO_DIGITS = 9;
const PICO_DIGITS = 12;
const MAX_NANO = 2n ** 63n - 1n;
/** What an amount has to be, for messages. */
export const AMOUNT_RULE = 'an amount in USD with at most nine decimals, up to 9223372036.854775807';

/**
 * Reads a decimal amount of US dollars exactly.
 *
 * @param amount a decimal string (`'10.00'`, `'-0.5'`) or a finite number, at most nine decimals.
 * @throws {RangeError} when it is not such an amount, or does not fit in 64 bits.
 */
export function parseUsd(amount: string | number): NanoUsd {
  const nano = parseDecimal(amount, NANO_DIGITS);
  if (nano === undefined || !fitsInBalance(nano)) throw new RangeError(`not ${AMOUNT_RULE}: ${shown(amount)}`);
  return nano;
}

/** True for a balance that every store can keep: 64 bits. */
export function fitsInBalance(balance: NanoUsd): boolean {
  return balance <= MAX_NANO && balance >= -MAX_NANO;
}

/** Writes an amount as a decimal string of US dollars without trailing zeros: `'9.98765'`, `'0'`. */
export function formatUsd(nano: NanoUsd): string {
  return formatDecimal(nano, NANO_DIGITS);
}

/** Writes `value / 10^digits` exactly, without trailing zeros. */
export function formatDecimal(value: bigint, places: number): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, -places);
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

/**
 * Reads a price in US dollars per million tokens as integer pico-USD per token, exactly.
 *
 * @throws {RangeError} when it is negative, above 1,000,000, or finer than a pico-USD per token.
 */
export function parsePricePerMillion(price: string | number): bigint {
  return parsePrice(price, PICO_DIGITS - 6);
}

/**
 * Reads the price of a unit in US dollars as integer pico-USD, exactly; above a million only a slip of the decimal point can
 * be meant.
 *
 * @param digits decimals that it may have. @default 12
 * @throws {RangeError} when it is negative, above 1,000,000, or finer than that.
 */
export function parsePrice(price: string | number, digits = PICO_DIGITS): bigint {
  const parsed = parseDecimal(price, digits);
  if (parsed !== undefined && parsed >= 0n && parsed <= 10n ** BigInt(digits + 6)) return parsed;
  throw new RangeError(`not a price in USD, from 0 to 1000000: ${shown(price)}`);
}

/** `value × 10^digits` as an integer, or undefined if it is not a decimal number with at most that many digits. */
export function parseDecimal(value: string | number, digits: number): bigint | undefined {
  const text = typeof value === 'string' ? value.trim() : plainDecimal(value);
  const match = /^(-?)(\d{1,30})(?:\.(\d{1,40}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  const kept = fraction.replace(/0+$/, '');
  if (kept.length > digits) return undefined;
  const integer = BigInt(whole + kept.padEnd(digits, '0'));
  return sign ? -integer : integer;
}

/** Like `parseDecimal` for text of any precision: what is finer than `digits` is rounded up. */
export function roundUpDecimal(text: string, digits: number): bigint | undefined {
  const match = /^(\d{1,30})(?:\.(\d{1,60}))?$/.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = ''] = match;
  const kept = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  return /[1-9]/.test(fraction.slice(digits)) ? kept + 1n : kept;
}

/** A number without an exponent; sums such as 0.1 + 0.2 keep their 15 honest digits. */
function plainDecimal(value: number): string {
  if (!Number.isFinite(value)) return 'NaN';
  const text = String(value);
  if (!/e/i.test(text) && text.replace(/[-.]/g, '').replace(/^0+/, '').length <= 15) return text;
  return Number(value.toPrecision(15))
    .toFixed(15)
    .replace(/\.?0+$/, '');
}
