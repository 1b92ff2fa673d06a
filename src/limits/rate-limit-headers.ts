import type { LimitState } from './rate-limiter.js';

const MIN_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

/**
 * Adds the `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` headers of the limits that are set; where several
 * subjects limit the same kind, of the one with the least left.
 *
 * Names and the reset format are those of the OpenAI API (guide "Rate limits", section "Rate limits in headers").
 */
export function addRateLimitHeaders(headers: Record<string, string>, states: readonly LimitState[]): void {
  const requests = tightest(states, 'requests');
  if (requests) {
    headers['x-ratelimit-limit-requests'] = String(requests.limit);
    headers['x-ratelimit-remaining-requests'] = String(requests.remaining);
    headers['x-ratelimit-reset-requests'] = goDuration(requests.resetMs);
  }
  const tokens = tightest(states, 'tokens');
  if (tokens) {
    headers['x-ratelimit-limit-tokens'] = String(tokens.limit);
    headers['x-ratelimit-remaining-tokens'] = String(tokens.remaining);
    headers['x-ratelimit-reset-tokens'] = goDuration(tokens.resetMs);
  }
}

/**
 * Adds the `anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}` headers of the limits that are set.
 *
 * @param now milliseconds since the epoch: Anthropic names the time of the reset (RFC 3339).
 * Source: Anthropic docs, rate limits, response headers.
 */
export function addAnthropicRateLimitHeaders(
  headers: Record<string, string>,
  states: readonly LimitState[],
  now: number,
): void {
  const requests = tightest(states, 'requests');
  if (requests) {
    headers['anthropic-ratelimit-requests-limit'] = String(requests.limit);
    headers['anthropic-ratelimit-requests-remaining'] = String(requests.remaining);
    headers['anthropic-ratelimit-requests-reset'] = secondOf(now + requests.resetMs);
  }
  const tokens = tightest(states, 'tokens');
  if (tokens) {
    headers['anthropic-ratelimit-tokens-limit'] = String(tokens.limit);
    headers['anthropic-ratelimit-tokens-remaining'] = String(tokens.remaining);
    headers['anthropic-ratelimit-tokens-reset'] = secondOf(now + tokens.resetMs);
  }
}

let lastSecond = 0;
let lastText = '';

/** The end of the second that an instant is in, as Anthropic writes it: `2026-01-31T12:00:00Z`. Most are the last one again. */
function secondOf(at: number): string {
  const second = Math.ceil(at / 1_000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = `${new Date(second * 1_000).toISOString().slice(0, -'.000Z'.length)}Z`;
  }
  return lastText;
}

function tightest(states: readonly LimitState[], kind: LimitState['kind']): LimitState | undefined {
  let found: LimitState | undefined;
  for (const state of states) if (state.kind === kind && (!found || state.remaining < found.remaining)) found = state;
  return found;
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
