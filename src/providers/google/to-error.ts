import { GatewayError, type GatewayErrorCode } from '../../errors.js';
import { UpstreamError, type UpstreamFault } from '../../upstream/upstream-error.js';
import { clientText } from '../client-text.js';
import type { NativeError } from '../http-provider.js';
import { type NativeErrorBody, readErrorBody } from './native-error.js';

export type ToError = (answer: NativeError) => UpstreamError;

/** A daily quota is back tomorrow: no retry of this request will see it. */
const DAILY_QUOTA_RETRY_MS = 3_600_000;

const TOO_LONG = /input token count|exceeds? the maximum number of tokens|maximum context|context (?:length|window)/i;
const TOO_LARGE = /payload size exceeds|request (?:entity )?too large/i;
const BAD_KEY = /api key (?:not valid|expired|not found)|reported as leaked/i;
const OWN_ACCOUNT = /location is not supported|billing|free tier is not available|has not been used in project/i;
const CLIENT_FILE = /access the (?:file|cached ?content)/i;

/**
 * Reads an error of the Gemini API: the answer's body, or an event inside a stream.
 *
 * What concerns the gateway's own credential or account never reaches a client as theirs.
 *
 * Source: ai.google.dev, "Troubleshooting guide"; google.rpc.Status with ErrorInfo, QuotaFailure and RetryInfo.
 *
 * @param secrets texts that must not appear in what a client reads.
 */
export function toError(answer: NativeError, secrets: readonly string[]): UpstreamError {
  const body = readErrorBody(answer.text);
  const status = answer.status ?? body.status ?? 502;
  const cause = new Error(`HTTP ${status} ${body.name}: ${clientText(body.message, secrets)}`);
  const fail = (
    code: GatewayErrorCode,
    details: ConstructorParameters<typeof GatewayError>[1] = {},
    fault: UpstreamFault = answer.status === undefined ? 'event' : 'status',
    retryAfterMs?: number,
  ): UpstreamError =>
    new UpstreamError(fault, new GatewayError(code, { ...details, cause }), {
      status,
      cause,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });

  if (isOwnFault(status, body)) return fail('upstream_error', {}, 'auth');
  const message = clientText(body.message, secrets);
  const said = message === '' ? {} : { message };
  switch (status) {
    case 404:
      return fail('model_not_found', { message: 'The provider does not offer this model.', param: 'model' });
    case 413:
      return fail('request_too_large');
    case 429:
      return rateLimited(body, answer, fail);
    case 503:
      return fail('upstream_unavailable', {}, undefined, retryAfter(body, answer));
    case 408:
    case 504:
      return fail('upstream_timeout');
  }
  if (status < 400 || status >= 499) return fail('upstream_error', {}, undefined, retryAfter(body, answer));
  if (TOO_LONG.test(body.message)) return fail('context_length_exceeded', { ...said, param: 'messages' });
  if (TOO_LARGE.test(body.message)) return fail('request_too_large');
  return fail('invalid_request', { ...said, publicCode: null });
}

/** A refused key arrives as 400, 401 or 403; a blocked region or missing billing as FAILED_PRECONDITION. */
function isOwnFault(status: number, { reason, message, name }: NativeErrorBody): boolean {
  if (status === 401) return true;
  if (status === 403) return !CLIENT_FILE.test(message);
  if (status !== 400) return false;
  return (
    reason.startsWith('API_KEY') ||
    BAD_KEY.test(message) ||
    (name === 'FAILED_PRECONDITION' && OWN_ACCOUNT.test(message))
  );
}

function rateLimited(
  body: NativeErrorBody,
  answer: NativeError,
  fail: (
    code: GatewayErrorCode,
    details: ConstructorParameters<typeof GatewayError>[1],
    fault: undefined,
    retryAfterMs?: number,
  ) => UpstreamError,
): UpstreamError {
  const wait = retryAfter(body, answer);
  if (body.quotaIds.some((id) => /PerDay/i.test(id))) {
    const details = {
      message: 'The daily quota at the model provider is used up.',
      type: 'insufficient_quota',
      publicCode: 'insufficient_quota',
      headers: { 'x-should-retry': 'false' },
    };
    return fail('rate_limit_exceeded', details, undefined, Math.max(wait ?? 0, DAILY_QUOTA_RETRY_MS));
  }
  const seconds = wait === undefined ? undefined : Math.min(60, Math.max(1, Math.ceil(wait / 1_000)));
  const headers: Record<string, string> = seconds === undefined ? {} : { 'retry-after': String(seconds) };
  return fail('rate_limit_exceeded', { message: 'The model provider is at its rate limit.', headers }, undefined, wait);
}

/** From `RetryInfo`, else from a `Retry-After` header in seconds. */
function retryAfter({ retryDelayMs }: NativeErrorBody, { headers }: NativeError): number | undefined {
  if (retryDelayMs !== undefined) return retryDelayMs;
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
