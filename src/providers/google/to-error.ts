import type { UpstreamError } from '../../upstream/upstream-error.js';
import { clientText } from '../client-text.js';
import type { NativeError } from '../http/http-provider.js';
import { statusError, type UpstreamReason } from '../upstream-status.js';
import { type NativeErrorBody, readErrorBody } from './native-error.js';

export type ToError = (answer: NativeError) => UpstreamError;

/** How the Gemini API and Vertex AI say that a request does not fit the model's context. */
const TOO_LONG = /input token count|exceeds? the maximum number of tokens|maximum context|context (?:length|window)/i;
const TOO_LARGE = /payload size exceeds|request (?:entity )?too large/i;
const BAD_KEY = /api key (?:not valid|expired|not found)|reported as leaked/i;
const BAD_REGION = /location is not supported|has not been used in project/i;
const NO_MONEY = /billing|prepayment|credits are depleted|free tier is not available/i;
/** A file that the client named and that this API key can't see. */
const CLIENT_FILE = /access the (?:file|cached ?content)/i;

/**
 * Reads an error of the Gemini API: the answer's body, or an event inside a stream.
 *
 * Source: ai.google.dev, "Troubleshooting guide"; google.rpc.Status with ErrorInfo, QuotaFailure and RetryInfo.
 *
 * @param secrets texts that must not appear in what a client reads.
 */
export function toError({ status: answered, headers, text }: NativeError, secrets: readonly string[]): UpstreamError {
  const body = readErrorBody(text);
  const status = clientStatus(answered ?? body.status ?? 502, body.message);
  const reason = reasonOf(status, body);
  // Which model the operator asked for is not the client's business.
  const shown = reason === 'unknown_model' || body.message === '' ? undefined : clientText(body.message, secrets);
  return statusError({
    status,
    inStream: answered === undefined,
    headers,
    message: shown,
    param: reason === 'unknown_model' ? 'model' : undefined,
    reason,
    retryAfterMs: body.retryDelayMs,
  });
}

/** Two faults of a request that Google reports under another status. */
function clientStatus(status: number, message: string): number {
  if (status === 403 && CLIENT_FILE.test(message)) return 400;
  return status === 400 && TOO_LARGE.test(message) ? 413 : status;
}

/** A refused key arrives as 400, 401 or 403; a blocked region or missing billing as FAILED_PRECONDITION. */
function reasonOf(status: number, { name, message, reason, quotaIds }: NativeErrorBody): UpstreamReason | undefined {
  if (status === 404) return 'unknown_model';
  // A daily quota is back tomorrow: no retry of this request will see it.
  if (status === 429) return quotaIds.some((id) => /PerDay/i.test(id)) || NO_MONEY.test(message) ? 'quota' : undefined;
  if (status !== 400) return undefined;
  if (reason.startsWith('API_KEY') || BAD_KEY.test(message)) return 'credential';
  if (name === 'FAILED_PRECONDITION' && BAD_REGION.test(message)) return 'credential';
  if (name === 'FAILED_PRECONDITION' && NO_MONEY.test(message)) return 'quota';
  return TOO_LONG.test(message) ? 'context_length' : undefined;
}
