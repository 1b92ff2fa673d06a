import type { UpstreamError } from './upstream-error.js';

/** What may follow a failed attempt. */
export interface RetryAdvice {
  /** Another target may be tried, at once. */
  readonly elsewhere: boolean;
  /** The same target may be tried once more, after `delayMs`. */
  readonly again: boolean;
  readonly delayMs: number;
}

export interface RetryDelays {
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxRetryAfterMs: number;
}

const NEVER: RetryAdvice = { elsewhere: false, again: false, delayMs: 0 };

/**
 * Whether a failed attempt may be repeated, before anything of an answer has reached the client.
 *
 * @param retry 1 for the first retry; pauses double from there, with full jitter.
 * @param streaming a stream that failed before its first event has cost little; half a JSON answer has been billed.
 */
export function adviseRetry(
  error: UpstreamError,
  retry: number,
  streaming: boolean,
  delays: RetryDelays,
  random: () => number,
): RetryAdvice {
  const jittered = random() * Math.min(delays.maxDelayMs, delays.baseDelayMs * 2 ** (retry - 1));
  switch (error.fault) {
    case 'connect':
      return { elsewhere: true, again: true, delayMs: 0 };
    case 'lost':
    case 'timeout':
    case 'event':
      return { elsewhere: true, again: false, delayMs: 0 };
    case 'truncated':
    case 'invalid':
      return streaming ? { elsewhere: true, again: false, delayMs: 0 } : NEVER;
    case 'status':
      return adviseStatus(error, jittered, delays);
    case 'auth':
    case 'shutdown':
      return NEVER;
  }
}

function adviseStatus({ status = 0, retryAfterMs }: UpstreamError, jittered: number, delays: RetryDelays): RetryAdvice {
  if (status === 408 || status === 409 || status === 429) {
    const delayMs = retryAfterMs ?? jittered;
    return { elsewhere: true, again: delayMs <= delays.maxRetryAfterMs, delayMs };
  }
  if (status >= 500) return { elsewhere: true, again: true, delayMs: jittered };
  return NEVER;
}

/** True when the failure says that the target is ill, so that it counts against its health. */
export function isTargetFault({ fault, status = 0 }: UpstreamError): boolean {
  if (fault === 'status') return status >= 500;
  return fault !== 'auth' && fault !== 'shutdown';
}
