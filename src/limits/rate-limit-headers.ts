import type { LimitState } from './rate-limiter.js';

const KINDS = ['requests', 'tokens'] as const;
const MIN_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

/**
 * The `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` headers of the limits that are set; where several
 * subjects limit the same kind, of the one with the least left.
 *
 * Names and the reset format are those of the OpenAI API (guide "Rate limits", section "Rate limits in headers").
 */
export function rateLimitHeaders(states: readonly LimitState[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const kind of KINDS) {
    let tightest: LimitState | undefined;
    for (const state of states)
      if (state.kind === kind && (!tightest || state.remaining < tightest.remaining)) tightest = state;
    if (!tightest) continue;
    headers[`x-ratelimit-limit-${kind}`] = String(tightest.limit);
    headers[`x-ratelimit-remaining-${kind}`] = String(tightest.remaining);
    headers[`x-ratelimit-reset-${kind}`] = goDuration(tightest.resetMs);
  }
  return headers;
}

/**
 * The headers of a 429: `retry-after` in whole seconds (RFC 9110 section 10.2.3) and the SDKs' `retry-after-ms`, both
 * 1 to 60 s, because SDKs ignore what lies outside. A lease can come back at any moment: concurrency always says 1 s.
 */
export function retryHeaders(retryAfterMs: number, kind?: LimitState['kind']): Record<string, string> {
  const wanted = kind === 'concurrency' ? MIN_RETRY_MS : Math.ceil(retryAfterMs);
  const ms = Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, wanted));
  return { 'retry-after': String(Math.ceil(ms / 1_000)), 'retry-after-ms': String(ms) };
}

/** A duration as Go prints it, to the millisecond: `6m0s`, `1.5s`, `120ms`, `0s`. */
export function goDuration(milliseconds: number): string {
  const ms = Math.max(0, Math.ceil(milliseconds));
  if (ms === 0) return '0s';
  if (ms < 1_000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = `${(ms % 60_000) / 1_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
