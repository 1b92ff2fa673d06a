import type { Catalog } from '../catalog/catalog.js';
import type { CachedKeyStore } from '../keys/cached-key-store.js';
import { GatewayError } from '../lib/errors.js';
import { isOptions } from '../lib/is-object.js';
import { AMOUNT_RULE, type NanoUsd, parseUsd } from '../lib/money.js';
import { type OptionNames, unknownOptions } from '../lib/option-names.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import type { Meter } from '../meter/meter.js';
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
  readonly limit?: number | undefined;
  /** The id of the last row of the previous page. */
  readonly before?: string | undefined;
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
  if (!isOptions(options)) {
    throw new GatewayError('invalid_value', { message: `${method} takes an object of options.` });
  }
  const [unknown] = unknownOptions(options, names);
  if (!unknown) return options;
  const hint = unknown.meant === undefined ? '' : ` Did you mean '${unknown.meant}'?`;
  const message = `'${unknown.name}' is not an option of ${method}.${hint}`;
  throw new GatewayError('invalid_value', { message, param: unknown.name });
}

/** @throws {GatewayError} `invalid_value` unless it can be an account's id. */
export function readAccountId(accountId: unknown, param = 'accountId'): string {
  return readName(accountId, param, 256);
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

export function invalid(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_value', { message: `Invalid value for '${param}': ${problem}.`, param });
}
