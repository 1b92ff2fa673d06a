import { isObject } from '../../openai-api/field-checks.js';
import type { UpstreamError } from '../../upstream/upstream-error.js';
import { clientText } from '../client-text.js';
import type { NativeError } from '../http/http-provider.js';
import { statusError, type UpstreamReason } from '../upstream-status.js';

/**
 * The status of each exception, also of those inside a stream.
 *
 * Source: AWS, Amazon Bedrock API reference, errors of `Converse`, `ConverseStream` and `InvokeModelWithResponseStream`.
 */
const STATUS_OF: Readonly<Record<string, number>> = {
  validationexception: 400,
  accessdeniedexception: 403,
  unrecognizedclientexception: 403,
  expiredtokenexception: 403,
  invalidsignatureexception: 403,
  resourcenotfoundexception: 404,
  modeltimeoutexception: 504,
  modelerrorexception: 502,
  modelstreamerrorexception: 502,
  throttlingexception: 429,
  modelnotreadyexception: 503,
  servicequotaexceededexception: 429,
  internalserverexception: 500,
  serviceunavailableexception: 503,
};

/** How Bedrock and its models say that a request does not fit the context. */
const TOO_LONG =
  /input is too long|too many input tokens|prompt is too long|maximum context|exceeds the maximum number of tokens/i;
/** A model id, profile or access that only the operator can correct. */
const WRONG_MODEL =
  /model identifier is invalid|on-demand throughput isn.t supported|reached the end of its life|marked by provider as legacy|doesn.t support counting tokens/i;
const DAILY = /per day/i;

/**
 * Reads an error answer, or an exception inside a stream.
 *
 * @param secrets values that must not reach a client.
 */
export function toError(answer: NativeError, secrets: readonly string[]): UpstreamError {
  const body = bodyOf(answer.text);
  const name = nameOf(answer.headers['x-amzn-errortype'] ?? body['__type']);
  const message = textOf(body['message'] ?? body['Message']);
  const status = STATUS_OF[name] ?? answer.status ?? 500;
  const reason = reasonOf(status, message);
  const hidden = message === '' || reason === 'unknown_model';
  return statusError({
    status,
    inStream: answer.status === undefined,
    headers: answer.headers,
    message: hidden ? undefined : clientText(withoutNames(message), secrets),
    reason,
  });
}

function reasonOf(status: number, message: string): UpstreamReason | undefined {
  if (status === 404) return 'unknown_model';
  if (status === 429) return DAILY.test(message) ? 'quota' : undefined;
  if (status !== 400) return undefined;
  if (WRONG_MODEL.test(message)) return 'unknown_model';
  return TOO_LONG.test(message) ? 'context_length' : undefined;
}

/** `ValidationException:http://internal…` and `com.amazon…#ValidationException` name the same. */
function nameOf(type: unknown): string {
  return (textOf(type).split(':')[0] ?? '').replace(/^.*#/, '').toLowerCase();
}

/** Resource names hold the number of the operator's account. */
function withoutNames(message: string): string {
  return message.replace(/arn:aws[\w-]*:\S+/g, '[redacted]');
}

function bodyOf(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
