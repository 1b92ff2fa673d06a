import { GatewayError } from '../lib/errors.js';
import { NO_USAGE, type Usage } from '../lib/usage.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import type { Refusal } from './hook.js';

/** Segments, words and probabilities would spell out what was removed. */
export function withoutRepeats(json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { segments: _, words: __, logprobs: ___, ...rest } = json;
  return rest;
}

/** A transcript has no reason to end for: its refusal is an error, and charged. */
export function withheld({ code, message }: Refusal, usage: Usage | undefined): UpstreamError {
  const headers = { 'x-should-retry': 'false' };
  const clientError = new GatewayError('content_policy_violation', { publicCode: code, message, headers });
  return new UpstreamError('status', clientError, { billed: usage ?? NO_USAGE });
}
