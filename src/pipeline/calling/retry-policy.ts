import type { UpstreamError } from '../../upstream/upstream-error.js';

/** What may follow a failed attempt. */
export interface RetryAdvice {
  /** Another target may be tried, at once. */
  readonly elsewhere: boolean;
  /** The same target may be tried once more, after `delayMs`. */
  readonly again: boolean;
  readonly delayMs: number;
}

export interface RetryRules {
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxRetryAfterMs: number;
  readonly fallbackOnAuthError: boolean;
}

const NEVER: RetryAdvice = { elsewhere: false, again: false, delayMs: 0 };
const ELSEWHERE: RetryAdvice = { elsewhere: true, again: false, delayMs: 0 };

/**
 * Whether a failed attempt may be repeated, before anything of an answer has reached the client.
 *
 * @param repeats how often this target has been retried already: a failing one gets a second chance, not a third.
 * @param streaming a stream that failed before its first event has cost little; half a JSON answer has been billed.
 */
export function adviseRetry(
  error: UpstreamError,
  repeats: number,
  streaming: boolean,
  rules: RetryRules,
  random: () => number,
): RetryAdvice {
  switch (error.fault) {
    case 'connect':
      return { elsewhere: true, again: repeats === 0, delayMs: 0 };
    case 'lost':
    case 'timeout':
      return ELSEWHERE;
    case 'event':
      // a stream that begins with what would have been a status is treated like it
      if (isBusy(error.status ?? 0) || OVERLOADED.has(error.status ?? 0)) {
        return adviseStatus(error, repeats, rules, random);
      }
      return isClientFault(error) ? NEVER : ELSEWHERE;
    case 'truncated':
    case 'invalid':
      return streaming ? ELSEWHERE : NEVER;
    case 'status':
      return adviseStatus(error, repeats, rules, random);
    case 'auth':
      return rules.fallbackOnAuthError ? ELSEWHERE : NEVER;
    case 'too_large':
    case 'shutdown':
      return NEVER;
  }
}

/** The pause is what the provider asked for, else one with full jitter that doubles each time. */
function adviseStatus(
  { status = 0, retryAfterMs }: UpstreamError,
  repeats: number,
  { baseDelayMs, maxDelayMs, maxRetryAfterMs }: RetryRules,
  random: () => number,
): RetryAdvice {
  const busy = isBusy(status);
  if (!busy && status < 500) return NEVER;
  const bearable = retryAfterMs === undefined || retryAfterMs <= maxRetryAfterMs;
  const delayMs = retryAfterMs ?? random() * Math.min(maxDelayMs, baseDelayMs * 2 ** repeats);
  return { elsewhere: true, again: bearable && (busy || repeats === 0), delayMs };
}

/** True if the failure is the target's fault, so that it counts against its health. */
export function isTargetFault(error: UpstreamError): boolean {
  const { fault, status = 0 } = error;
  if (fault === 'status') return status >= 500;
  if (fault === 'event') return !isClientFault(error) && !isBusy(status);
  return fault !== 'auth' && fault !== 'shutdown' && fault !== 'too_large';
}

function isClientFault({ status = 0 }: UpstreamError): boolean {
  return status >= 400 && status < 500 && !isBusy(status);
}

/** 529 is Anthropic's. */
const OVERLOADED: ReadonlySet<number> = new Set([503, 529]);

function isBusy(status: number): boolean {
  return status === 408 || status === 409 || status === 429;
}
