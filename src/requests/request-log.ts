import type { MaybePromise } from '../lib/maybe-promise.js';
import type { Page } from '../meter/meter.js';
import type { RequestRecord } from './request-record.js';

/** Which requests to list; all conditions hold together. */
export interface RequestRange {
  /** Only this account; undefined: all of them (the operator's view). */
  readonly accountId?: string;
  readonly keyId?: string;
  readonly model?: string;
  /** An HTTP status, or everything that was not answered with success (400 and above). */
  readonly status?: number | 'failed';
  /** An error code. */
  readonly code?: string;
  /** First instant, inclusive. */
  readonly from?: number;
  /** End, exclusive. */
  readonly to?: number;
}

/** A span of time, of one account or of all. */
export type RequestSpan = Pick<RequestRange, 'accountId' | 'from' | 'to'>;

/** How many requests of a model the gateway or a provider failed. */
export interface FailureCount {
  /** Null where the request named none. */
  readonly model: string | null;
  readonly failed: number;
}

/**
 * Where finished requests are kept. Money does not depend on it: losing a record is tolerable.
 *
 * Times are milliseconds since the epoch. A throw means that the store can't be reached; the gateway tries again later.
 */
export interface RequestLog {
  /** Adds records; one whose id is already there is ignored. Called in the background, with many at once. */
  append(records: readonly RequestRecord[]): MaybePromise<void>;
  /** One request; undefined when it is unknown, or not of `accountId` where that is given. */
  find(id: string, accountId?: string): MaybePromise<RequestRecord | undefined>;
  /** Newest first. */
  list(range: RequestRange, page: Page): MaybePromise<RequestRecord[]>;
  /**
   * How many requests were answered with status 500 or above, by model; those without any are left out. Without this
   * method error rates are those of the newest requests alone.
   */
  countFailures?(span: RequestSpan): MaybePromise<FailureCount[]>;
  /** When the newest request of each of these accounts was, in one statement. A log without it is asked account by account. */
  newestOfAll?(accountIds: readonly string[]): MaybePromise<ReadonlyMap<string, number>>;
  /** Deletes up to `limit` of the oldest records from before this instant; returns how many. 0: none is left. */
  prune(before: number, limit: number): MaybePromise<number>;
}
