import type { UpstreamError } from '../../upstream/upstream-error.js';
import { clientText } from '../client-text.js';
import type { NativeError } from '../http/http-provider.js';
import { statusError, type UpstreamReason } from '../upstream-status.js';
import { isObject, stringOf } from './api.js';

/** The status an error type stands for, for errors inside a stream. Source: Anthropic docs, errors, HTTP errors. */
const STATUS_OF: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** The ways in which Anthropic says that a request does not fit the model's context. */
const TOO_LONG = /^prompt is too long|exceeds? (?:the )?(?:model's )?(?:maximum )?context/i;

const LIMITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'];

/**
 * Reads an error answer, or an error event. Source: Anthropic docs, errors: `{"type":"error","error":{"type","message"}}`.
 *
 * @param secrets values that must not reach a client.
 */
export function toError({ status: answered, headers, text }: NativeError, secrets: readonly string[]): UpstreamError {
  const { type, message } = parse(text);
  const status = answered ?? STATUS_OF[type] ?? 500;
  const reason = reasonOf(status, type, message);
  // Which model the operator asked for is not the client's business.
  const shown = reason === 'unknown_model' || message === '' ? undefined : clientText(message, secrets);
  return statusError({
    status,
    inStream: answered === undefined,
    headers,
    message: shown,
    reason,
    retryAfterMs: headers['retry-after'] === undefined ? untilReset(headers) : undefined,
  });
}

function reasonOf(status: number, type: string, message: string): UpstreamReason | undefined {
  if (status === 404 && type === 'not_found_error') return 'unknown_model';
  if (status !== 400) return undefined;
  if (/credit balance is too low/i.test(message)) return 'quota';
  if (/content filtering policy/i.test(message)) return 'content_policy';
  return TOO_LONG.test(message) ? 'context_length' : undefined;
}

/**
 * Milliseconds until the limits that are used up are free again, by the answer's own clock. Anthropic sends no
 * `retry-after` with some 429s. Source: Anthropic docs, rate limits, response headers (RFC 3339 times).
 */
function untilReset(headers: Readonly<Record<string, string>>): number | undefined {
  const sent = Date.parse(headers['date'] ?? '');
  const waits = LIMITS.flatMap((limit) => {
    const name = `anthropic-ratelimit-${limit}`;
    const wait = Date.parse(headers[`${name}-reset`] ?? '') - sent;
    return headers[`${name}-remaining`] === '0' && wait > 0 ? [wait] : [];
  });
  return waits.length > 0 ? Math.max(...waits) : undefined;
}

/** Proxies may answer with HTML or nothing, which would mean nothing to a client. */
function parse(text: string): { type: string; message: string } {
  try {
    const body: unknown = JSON.parse(text);
    const error = isObject(body) ? body['error'] : undefined;
    if (!isObject(error)) return { type: '', message: '' };
    return { type: stringOf(error['type']), message: stringOf(error['message']) };
  } catch {
    return { type: '', message: '' };
  }
}
