import type { MaybePromise } from '../lib/maybe-promise.js';

/** Limits of a plan (shared by all keys of an account) or of one key. Positive integers; what is unset is unlimited. */
export interface Limits {
  readonly requestsPerMinute?: number;
  /** Input and output tokens together. */
  readonly tokensPerMinute?: number;
  readonly concurrentRequests?: number;
}

/** The kinds of limit, as the `type` of a 429 names them. */
export type LimitKind = 'requests' | 'tokens' | 'concurrency';

/**
 * Decides whether a request may run now.
 *
 * Requests and tokens are token buckets of one minute's capacity that refill steadily: in any window of length t at
 * most `capacity + rate·t` is admitted. Concurrency is a set of leases. Times are the limiter's own clock.
 */
export interface RateLimiter {
  /**
   * Takes one request, the estimated tokens and one lease from every subject, all or nothing: a refusal spends nothing
   * and leaves no trace. Atomic under any concurrency. A throw means that the limiter is out of reach; the gateway's
   * `onLimiterError` option then decides.
   */
  admit(request: AdmitRequest): MaybePromise<Admission>;
  /**
   * Takes the estimated tokens of a request that was admitted with none, from every subject or from none: its lease and
   * its request stay as they are, and `finish` is called as after any other admission. Lets limits refuse a request
   * before its body is read. Without this method, `admit` is asked once, when the body is there.
   */
  take?(request: AdmitRequest): MaybePromise<Admission>;
  /**
   * Gives the lease back and corrects the estimate to the tokens really used: unused ones return to the bucket,
   * more are owed (the level may go below zero). Exactly once per id: a repetition changes nothing, nor does an id that was
   * never admitted.
   */
  finish(result: FinishRequest): MaybePromise<void>;
  /** The current limits of these subjects; consumes nothing. */
  peek(request: PeekRequest): MaybePromise<readonly LimitState[]>;
  /** Calls back whenever the limiter's own store becomes unavailable or available again; for the log and metrics. */
  watch?(listener: (state: LimiterState) => void): void;
  close?(): MaybePromise<void>;
}

/** Whether what a limiter depends on can be reached. */
export interface LimiterState {
  readonly available: boolean;
  /** Why it can't be reached. */
  readonly cause?: unknown;
}

export interface PeekRequest {
  readonly group: string;
  readonly subjects: readonly LimitSubject[];
}

/** Whose limits a request counts against. */
export interface LimitSubject {
  /** Stable name of the buckets: `account:<id>` or `key:<id>`. */
  readonly subject: string;
  readonly limits: Limits;
}

/** The subject of a plan's limits, which all requests of an account share. */
export function accountSubject(accountId: string): string {
  return `account:${accountId}`;
}

export interface AdmitRequest {
  /** The gateway's request id; names the lease. */
  readonly id: string;
  /** All subjects of one request belong to one account; `group` keeps them on one Redis Cluster slot. */
  readonly group: string;
  readonly subjects: readonly LimitSubject[];
  /** Estimated tokens, ≥ 0. The gateway has refused what is larger than a bucket's capacity. */
  readonly tokens: number;
  /** A lease that was never released expires after this many ms (its process died). */
  readonly leaseMs: number;
}

/** The state of one limit after a decision. */
export interface LimitState {
  readonly subject: string;
  readonly kind: LimitKind;
  readonly limit: number;
  /** Whole requests, tokens or leases left, never below 0. */
  readonly remaining: number;
  /** Until the bucket is full again; 0 for concurrency. */
  readonly resetMs: number;
}

export type Admission =
  | { readonly ok: true; readonly states: readonly LimitState[] }
  | {
      readonly ok: false;
      /** The limit that refuses longest. */
      readonly refused: LimitState;
      /** After this many ms the same request would be admitted, if nothing else happens. ≥ 1. */
      readonly retryAfterMs: number;
      readonly states: readonly LimitState[];
    };

export interface FinishRequest {
  readonly id: string;
  readonly group: string;
  readonly subjects: readonly LimitSubject[];
  /** What `admit` took. */
  readonly estimatedTokens: number;
  /** What was really used. */
  readonly actualTokens: number;
  /** True: it was refused before it ran, and the request goes back to its buckets, too. @default false */
  readonly refused?: boolean;
}
