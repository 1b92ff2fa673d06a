import type { Catalog } from '../catalog/catalog.js';
import type { CachedKeyStore } from '../keys/cached-key-store.js';
import { GatewayError } from '../lib/errors.js';
import { isObject } from '../lib/is-object.js';
import { parseIsoTime } from '../lib/iso-time.js';
import { AMOUNT_RULE, type NanoUsd, parseUsd } from '../lib/money.js';
import { type OptionNames, unknownOptions } from '../lib/option-names.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import type { Meter, Page } from '../meter/meter.js';
import type { Notifications } from '../meter/notifications.js';
import type { UsageListeners } from '../meter/usage-listeners.js';
import type { Settings } from '../pipeline/settings.js';

/** What the management of keys, accounts and money works on. */
export interface ManagementDeps {
  readonly catalog: Catalog;
  /** Changes made through it are seen by the very next request. */
  readonly keys: CachedKeyStore;
  readonly meter: Meter;
  readonly limiter: RateLimiter;
  readonly usageListeners: UsageListeners;
  readonly notifications: Notifications;
  readonly settings: Settings;
  readonly now: () => number;
}

/** A point in time: a `Date`, milliseconds since the epoch, or an ISO 8601 string. */
export type Time = Date | number | string;

/** A page of a list, newest first. */
export interface PageOptions {
  /** 1 to 1,000. @default 100 */
  readonly limit?: number;
  /** The id of the last row of the previous page. */
  readonly before?: string;
}

/** No `Date` is later. Source: ECMA-262, time values. */
const LATEST = 8.64e15;

/** @throws {GatewayError} `invalid_value` that names `param`. */
export function readTime(time: Time, param: string): number {
  const ms = time instanceof Date ? time.getTime() : typeof time === 'number' ? time : parseIsoTime(String(time));
  if (!(Math.abs(ms) <= LATEST))
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

/** @throws {GatewayError} `invalid_value` that names `param`. */
export function readAmount(amount: string | number, param: string): NanoUsd {
  try {
    return parseUsd(amount);
  } catch {
    throw invalid(param, `it is not ${AMOUNT_RULE}`);
  }
}

/** @throws {GatewayError} `invalid_value` when it is empty, too long or holds control characters. */
export function readName(name: unknown, param: string, maxLength = 200): string {
  const plain = typeof name === 'string' && name.trim() !== '' && name.length <= maxLength;
  if (!plain || /[\p{Cc}\p{Cs}]/u.test(name)) throw invalid(param, `it must be 1 to ${maxLength} printable characters`);
  return name;
}

/**
 * Checks that options are an object with known names only: a typo must never widen what a method does.
 *
 * @param method the caller's name of it, for the message: `keys.create`.
 * @throws {GatewayError} `invalid_value` that names the first unknown option.
 */
export function readOptions<T extends object>(method: string, options: T, names: OptionNames<T>): T {
  if (!isObject(options)) {
    throw new GatewayError('invalid_value', { message: `${method} takes an object of options.` });
  }
  const [unknown] = unknownOptions(options, names);
  if (!unknown) return options;
  const hint = unknown.meant === undefined ? '' : ` Did you mean '${unknown.meant}'?`;
  const message = `'${unknown.name}' is not an option of ${method}.${hint}`;
  throw new GatewayError('invalid_value', { message, param: unknown.name });
}

const PAGE: OptionNames<PageOptions> = { limit: true, before: true };

/** @throws {GatewayError} `invalid_value` for an unknown option, or a limit that is out of range. */
export function readPage(method: string, page: PageOptions = {}): Page {
  const { limit = 100, before } = readOptions(method, page, PAGE);
  return { limit: readLimit(limit), ...(before !== undefined && { before: readName(before, 'before', 512) }) };
}

/** @throws {GatewayError} `invalid_value` unless it can be an account's id. */
export function readAccountId(accountId: unknown, param = 'accountId'): string {
  return readName(accountId, param, 256);
}

/** @throws {GatewayError} `invalid_value` unless it is a list of at most 1,000 ids of accounts; equal ones count once. */
export function readAccountIds(accountIds: unknown, param: string): string[] {
  if (!Array.isArray(accountIds) || accountIds.length > 1_000)
    throw invalid(param, 'it must be a list of at most 1000');
  return [...new Set(accountIds.map((id) => readAccountId(id, param)))];
}

/** False for what is absent; null counts as such where there is nothing to remove. */
export function isGiven<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null;
}

/** Absent where it is null as well. @throws {GatewayError} `invalid_value` for anything but true and false. */
export function readFlag(flag: unknown, param: string): boolean {
  if (isGiven(flag) && typeof flag !== 'boolean') throw invalid(param, 'it must be true or false');
  return flag === true;
}

/** @throws {GatewayError} `invalid_value` when it is out of range. */
export function readLimit(limit: number, name = 'limit'): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw invalid(name, 'it must be between 1 and 1000');
  return limit;
}

export function invalid(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_value', { message: `Invalid value for '${param}': ${problem}.`, param });
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
