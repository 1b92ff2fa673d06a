import type { GatewayError, GatewayErrorCode } from '../lib/errors.js';

/** Types by status. Source: Anthropic docs, errors, HTTP errors. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** Errors that Anthropic's API reports as overload. */
const OVERLOAD: ReadonlySet<GatewayErrorCode> = new Set(['upstream_unavailable', 'service_unavailable']);

/** The status of an error in Anthropic's terms: 529 for an overload, which passes by itself. */
export function messagesErrorStatus({ code, status }: GatewayError): number {
  return OVERLOAD.has(code) ? 529 : status;
}

/** The body of an error answer, and the data of an error event. Source: Anthropic docs, errors, error shapes. */
export function messagesErrorBody(error: GatewayError, requestId: string): string {
  const status = messagesErrorStatus(error);
  const type = TYPES[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return JSON.stringify({ type: 'error', error: { type, message: messageOf(error) }, request_id: requestId });
}

/** Anthropic names a field by its path with dots at the head of the message: `messages.0.role: …`. */
function messageOf({ message, param }: GatewayError): string {
  if (param === null) return message;
  const path = param.replace(/\[(\d+)\]/g, '.$1');
  const text = message.replaceAll(param, path);
  return text.includes(path) ? text : `${path}: ${text}`;
}

/** What ends a stream that failed. Source: Anthropic docs, streaming messages, error events. */
export function messagesErrorFrame(error: GatewayError, requestId: string): string {
  return `event: error\ndata: ${messagesErrorBody(error, requestId)}\n\n`;
}
