import type { UnsupportedPolicy } from '../providers/adapter.js';
import type { BodyBounds } from './upkeep/body-bytes.js';

/** Milliseconds, at most 2,147,483,647 (24 days). */
export interface TimeoutOptions {
  /** Opening a connection. @default 10,000 */
  readonly connectMs?: number;
  /** From sending the request to the first byte of the response body. @default 600,000 */
  readonly firstByteMs?: number;
  /** Longest silence of the provider between two pieces of an answer. @default 300,000 */
  readonly idleMs?: number;
  /** The whole request, all attempts together. @default 3,600,000 */
  readonly totalMs?: number;
  /** How long a call of the store may take: then a request is refused with 503, and a settlement goes to the outbox. @default 5,000 */
  readonly storeMs?: number;
  /** How long a client may leave stream bytes unread before it is considered disconnected. @default 60,000 */
  readonly clientStallMs?: number;
}

export interface RetryOptions {
  /** Attempts in all, over all targets. @default 3 */
  readonly maxAttempts?: number;
  /** The longest `Retry-After` to wait before retrying the same target. @default 2,000 */
  readonly maxRetryAfterMs?: number;
  /** The first pause; doubled each time, with full jitter. @default 500 */
  readonly baseDelayMs?: number;
  /** The longest pause. @default 8,000 */
  readonly maxDelayMs?: number;
  /**
   * Tries the next target also when a provider refused the gateway's own credential, or the gateway's account has no
   * credit left; the fault is logged as an error either way. @default false
   */
  readonly fallbackOnAuthError?: boolean;
}

/**
 * A client that leaves after the last word of an answer, or leaves one whose cost is uncertain, pays what the provider reports: the
 * answer is read to its end in the background.
 */
export interface LateReportOptions {
  /** Answers read on at once. @default 256 */
  readonly maxStreams?: number;
  /** The same for one account. One more is canceled, and charged the most that it can have used. @default 16 */
  readonly maxPerAccount?: number;
  /** How long one of them is read. @default 300,000 */
  readonly maxMs?: number;
  /** A hold of at least this many USD is large. @default '0.10' */
  readonly aboveHold?: string;
  /**
   * Reads on, too, where the most that can have been used costs this many USD more than the gateway estimates. @default '0.002'
   */
  readonly aboveDoubt?: string;
}

export interface DrainOptions {
  /** Abandoned streams read to their end at once; one more is canceled. @default 64 */
  readonly maxStreams?: number;
  /** How long one of them is read. @default 60,000 */
  readonly maxMs?: number;
}

/** How large an answer may get when neither `max_completion_tokens` nor `max_tokens` is set on a prepaid account or budget. */
export interface OutputLimitOptions {
  /** The highest output limit that is held for and sent, so that one request does not tie up a whole balance. @default 8,192 */
  readonly unset?: number;
  /** Requests whose balance pays for fewer output tokens than this are refused. @default 64 */
  readonly minimum?: number;
}

/** Settings with their defaults. */
export interface Settings {
  readonly maxKeysPerAccount: number;
  readonly allowedOrigins: readonly string[];
  readonly maxBodyBytes: number;
  readonly maxUploadBytes: number;
  readonly bodyBounds: BodyBounds;
  readonly refusedPerMinute: number | undefined;
  readonly timeouts: Required<TimeoutOptions>;
  readonly retries: Required<RetryOptions>;
  readonly onClientAbort: 'cancel' | 'drain';
  readonly drain: Required<DrainOptions>;
  readonly lateReports: Required<LateReportOptions>;
  readonly unsupported: UnsupportedPolicy;
  readonly keyPrefix: string;
  readonly keyPepper: string | undefined;
  readonly maxToolUses: number;
  readonly outputLimits: Required<OutputLimitOptions>;
  readonly onLimiterError: 'open' | 'closed';
}
