import type { GatewayError } from '../lib/errors.js';

/** Names of `google.rpc.Code` by HTTP status. Source: ai.google.dev, troubleshooting; google/rpc/code.proto. */
const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'FAILED_PRECONDITION',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** The body of an error answer, and the data of an error in a stream. Source: google.rpc.Status. */
export function geminiErrorBody(error: GatewayError): string {
  const { status: code, message, param, headers } = error;
  const details: object[] = [];
  if (param !== null) {
    const fieldViolations = [{ field: param, description: message }];
    details.push({ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations });
  }
  const wait = headers['retry-after'];
  if (wait !== undefined) details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${wait}s` });
  const status = STATUSES[code] ?? (code < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  return JSON.stringify({ error: { code, message, status, ...(details.length > 0 && { details }) } });
}
