import { LRUCache } from 'lru-cache';
import { GatewayError } from '../../lib/errors.js';
import { retryHeaders } from '../../limits/rate-limit-headers.js';
import { covers, levelAt, type TokenBucket, waitFor } from '../../limits/token-bucket.js';
import type { Principal } from '../principal.js';

/** The least that is allowed, so that a low request limit does not stop someone who is trying things out. */
const LEAST_PER_MINUTE = 20;
/** Where a plan has no request limit. */
const UNLIMITED_PER_MINUTE = 10_000;
/** Subjects that are remembered at most; whoever was refused longest ago is forgotten. */
const MOST_SUBJECTS = 10_000;

/**
 * Limits the requests that are refused before they run (4xx), which count against no other limit: each costs the reading
 * of a body. Counted in this process, per account and per key, in buckets as large as their request limits.
 */
export class Refusals {
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: MOST_SUBJECTS });
  readonly #now: () => number;
  readonly #perMinute: number | undefined;

  /**
   * @param now a clock in milliseconds that never goes back.
   * @param perMinute replaces what follows from the request limits.
   */
  constructor(now: () => number, perMinute?: number) {
    this.#now = now;
    this.#perMinute = perMinute;
  }

  /**
   * Called before a body is read.
   *
   * @throws {GatewayError} `rate_limit_exceeded` when too many requests were refused lately.
   */
  check(principal: Principal): void {
    if (this.#buckets.size === 0) return;
    const now = this.#now();
    for (const [subject, capacity] of this.#limitsOf(principal)) {
      const level = levelAt(this.#buckets.get(subject), capacity, now);
      if (!covers(level, 1)) throw tooMany(capacity, waitFor(level, 1, capacity));
    }
  }

  /** Counts a request that was refused with this error before it ran; a limit's own refusals cost next to nothing. */
  count(principal: Principal, { status }: GatewayError): void {
    if (status < 400 || status >= 500 || status === 429) return;
    const now = this.#now();
    for (const [subject, capacity] of this.#limitsOf(principal)) {
      // The level may go below zero: several may have been let in at the same time.
      const level = levelAt(this.#buckets.get(subject), capacity, now) - 1;
      this.#buckets.set(subject, { level, at: now });
    }
  }

  #limitsOf({ account, subjects }: Principal): [subject: string, perMinute: number][] {
    const limits: [string, number][] = [];
    for (const {
      subject,
      limits: { requestsPerMinute },
    } of subjects) {
      if (requestsPerMinute !== undefined) {
        limits.push([subject, this.#perMinute ?? Math.max(LEAST_PER_MINUTE, requestsPerMinute)]);
      }
    }
    return limits.length > 0 ? limits : [[`account:${account.id}`, this.#perMinute ?? UNLIMITED_PER_MINUTE]];
  }
}

function tooMany(limit: number, waitMs: number): GatewayError {
  const message = `Too many requests were refused: at most ${limit} per minute may be. Please try again in ${Math.ceil(waitMs / 1_000)}s.`;
  return new GatewayError('rate_limit_exceeded', { message, headers: retryHeaders(waitMs) });
}
