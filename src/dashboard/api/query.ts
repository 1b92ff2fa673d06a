import { GatewayError } from '../../lib/errors.js';
import type { Fields, Reader, ReadFields } from './fields.js';
import { instant, integer, listOf, oneOf, optional, readFields } from './fields.js';

/** The longest span of a usage query. */
const MAX_RANGE_MS = 367 * 24 * 60 * 60 * 1000;

/** Reads a query string as strictly as a body. @throws {GatewayError} a 400 that names the parameter. */
export function readQuery<F extends Fields>(query: URLSearchParams, fields: F): ReadFields<F> {
  return readFields(Object.fromEntries(query), fields);
}

/** A page size: 1 to 100. */
export const limit: Reader<number | undefined> = optional((value, field) =>
  integer({ min: 1, max: 100 })(/^\d{1,4}$/.test(String(value)) ? Number(value) : value, field),
);

/** Comma-separated dimensions. */
export function dimensions<const T extends string>(allowed: readonly T[]): Reader<T[]> {
  const read = listOf(oneOf(allowed), { max: allowed.length });
  return (value, field) => (value === undefined || value === '' ? [] : read(String(value).split(','), field));
}

/** `from` (inclusive) and `to` (exclusive) of a usage query. */
export const RANGE = { from: instant, to: instant } as const;

/** Refuses a range that ends before it begins, or is longer than a year. */
export function checkRange<T extends { readonly from: Date; readonly to: Date }>(range: T): T {
  const span = range.to.getTime() - range.from.getTime();
  if (span < 0) throw new GatewayError('invalid_value', { param: 'to', message: 'to must not be before from.' });
  if (span > MAX_RANGE_MS)
    throw new GatewayError('invalid_value', { param: 'from', message: 'The range must not be longer than a year.' });
  return range;
}
