// What only reports and the less frequent calls need, apart from what is there from the start.
import { type Duration, parseDuration } from '../lib/duration.js';
import { GatewayError } from '../lib/errors.js';
import { parseIsoTime } from '../lib/iso-time.js';
import type { OptionNames } from '../lib/option-names.js';
import type { Meter, Page } from '../meter/meter.js';
import { invalid, type PageOptions, readAccountId, readName, readOptions, type Time } from './management.js';

/** No `Date` is later. Source: ECMA-262, time values. */
const LATEST = 8.64e15;

/** @throws {GatewayError} `invalid_value` that names `param`. */
export function readTime(time: Time, param: string): number {
  const ms = time instanceof Date ? time.getTime() : typeof time === 'string' ? parseIsoTime(time) : time;
  if (typeof ms !== 'number' || !(Math.abs(ms) <= LATEST))
    throw invalid(param, "it is not a time such as '2027-01-31' or '2027-01-31T10:00:00Z'");
  return Math.trunc(ms);
}

/** The problem of an end that has already passed. */
export const IS_PAST = 'it must be in the future';

/** @throws {GatewayError} `invalid_value` that names `param`, also for a time that has passed. */
export function readFutureTime(time: Time, param: string, now: number): number {
  const ms = readTime(time, param);
  if (ms <= now) throw invalid(param, IS_PAST);
  return ms;
}

/** @throws {GatewayError} `invalid_value` that names `param`, also for a time that is still to come. */
export function readPastTime(time: Time, param: string, now: number): number {
  const ms = readTime(time, param);
  if (ms > now) throw invalid(param, 'it must not be in the future');
  return ms;
}

/** A hundred years: later ends are beyond what a date can be. */
const LONGEST_MS = 36_525 * 86_400_000;

/** @throws {GatewayError} `invalid_value` that names `param`, also for more than a hundred years. */
export function readDuration(duration: Duration, param: string): number {
  const ms = parseDuration(duration);
  if (ms === undefined || ms > LONGEST_MS)
    throw invalid(param, "it must be a length of time such as '24h' or '30d', at most a hundred years");
  return ms;
}

const PAGE: OptionNames<PageOptions> = { limit: true, before: true };

/** @throws {GatewayError} `invalid_value` for an unknown option, or a limit that is out of range. */
export function readPage(method: string, page: PageOptions = {}): Page {
  const { limit = 100, before } = readOptions(method, page, PAGE);
  return { limit: readLimit(limit), ...(before !== undefined && { before: readName(before, 'before', 512) }) };
}

/** @throws {GatewayError} `invalid_value` unless it is a list of at most 1,000 ids of accounts or keys; equal ones count once. */
export function readIds(ids: unknown, param: string): string[] {
  if (!Array.isArray(ids) || ids.length > 1_000) throw invalid(param, 'it must be a list of at most 1000');
  return [...new Set(ids.map((id) => readAccountId(id, param)))];
}

/** Those of the rows that were found, in the order of the ids. */
export function inOrderOf<Row extends { readonly id: string }>(
  ids: readonly string[],
  found: readonly (Row | undefined)[],
): Row[] {
  const byId = new Map(found.map((row) => [row?.id, row]));
  return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
}

/** @throws {GatewayError} `invalid_value` when it is out of range. */
export function readLimit(limit: number, name = 'limit'): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw invalid(name, 'it must be between 1 and 1000');
  return limit;
}

/** A method that not every meter has. @throws {GatewayError} `not_found` that names it. */
export function partOf<Name extends keyof Meter>(meter: Meter, name: Name): NonNullable<Meter[Name]> {
  const method = meter[name];
  if (!method) throw new GatewayError('not_found', { message: `The meter of this gateway has no ${name}.` });
  return method;
}

/** Codes are stored in upper case, because people type them in any case. @throws {GatewayError} `invalid_value`. */
export function readPromoCode(code: unknown): string {
  return readName(code, 'code').trim().toUpperCase();
}
