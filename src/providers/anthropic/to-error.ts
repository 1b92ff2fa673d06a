import { GatewayError } from '../../errors.js';
import { UpstreamError, type UpstreamFault } from '../../upstream/upstream-error.js';
import { clientText } from '../client-text.js';
import type { NativeError } from '../http-provider.js';
import { isObject } from './api.js';
import { retryAfterMs } from './retry-after.js';

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

/**
 * A native error, from an HTTP answer or from an event of a stream.
 *
 * @param secrets values that must not reach the client.
 * Source: Anthropic docs, errors.
 */
export function toError(answer: NativeError, secrets: readonly string[]): UpstreamError {
  const { type, message } = parse(answer.text);
  const status = answer.status ?? STATUS_OF[type] ?? 500;
  const wait = retryAfterMs(answer.headers);
  const text = clientText(message, secrets);
  const noCredit = status === 402 || (status === 400 && /credit balance is too low/i.test(message));
  const refused = status === 401 || status === 403 || noCredit;
  const fault: UpstreamFault = refused ? 'auth' : answer.status === undefined ? 'event' : 'status';
  const clientError = noCredit ? new GatewayError('upstream_unavailable') : toClientError(status, text, wait);
  return new UpstreamError(fault, clientError, {
    status: noCredit ? 402 : status,
    ...(wait !== undefined && { retryAfterMs: wait }),
    cause: new Error(`${type || 'unknown error'}: ${text}`),
  });
}

function toClientError(status: number, text: string, wait: number | undefined): GatewayError {
  const message = text ? { message: text } : {};
  switch (status) {
    case 400:
    case 422:
      if (isTooLong(text)) return new GatewayError('context_length_exceeded', { ...message, param: 'messages' });
      return new GatewayError('invalid_request', { ...message, publicCode: null });
    case 404:
      return new GatewayError('model_not_found');
    case 409:
      return new GatewayError('conflict');
    case 413:
      return new GatewayError('request_too_large');
    case 429:
      return new GatewayError('rate_limit_exceeded', {
        message: 'The model provider limits requests at the moment.',
        type: /tokens/i.test(text) ? 'tokens' : 'requests',
        ...(wait !== undefined && { headers: { 'retry-after': String(retryAfterSeconds(wait)) } }),
      });
    case 408:
    case 504:
      return new GatewayError('upstream_timeout');
    case 503:
    case 529:
      return new GatewayError('upstream_unavailable');
    default:
      return new GatewayError('upstream_error');
  }
}

/** Client libraries disagree about values outside of 1 to 60. */
function retryAfterSeconds(ms: number): number {
  return Math.min(60, Math.max(1, Math.ceil(ms / 1000)));
}

/** The two ways in which Anthropic says that a request does not fit the model's context. */
function isTooLong(text: string): boolean {
  return /^prompt is too long|exceeds? (?:the )?(?:model's )?(?:maximum )?context/i.test(text);
}

/** Bodies of proxies in between may be HTML or nothing: their text says nothing to a client. */
function parse(text: string): { type: string; message: string } {
  try {
    const body: unknown = JSON.parse(text);
    const error = isObject(body) ? body['error'] : undefined;
    if (!isObject(error)) return { type: '', message: '' };
    return { type: String(error['type'] ?? ''), message: String(error['message'] ?? '') };
  } catch {
    return { type: '', message: '' };
  }
}
