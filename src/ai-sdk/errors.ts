import { GatewayError } from '../lib/errors.js';
import { isObject } from '../openai-api/field-checks.js';
import { invalidAnswer } from '../providers/answer-faults.js';
import { clientText } from '../providers/client-text.js';
import { statusError } from '../providers/upstream-status.js';
import { UpstreamError } from '../upstream/upstream-error.js';

/**
 * A failure of an AI SDK provider in the gateway's terms: an `APICallError` by its status, an unknown model as such, anything
 * else as a lost call. Source: AI SDK, "Errors".
 */
export function toUpstreamError(thrown: unknown): unknown {
  if (GatewayError.isInstance(thrown) || UpstreamError.isInstance(thrown) || !(thrown instanceof Error)) return thrown;
  if (thrown.name === 'AI_NoSuchModelError') return statusError({ status: 404, headers: {}, reason: 'unknown_model' });
  if (thrown.name === 'AI_UnsupportedFunctionalityError') {
    const { functionality } = thrown as { functionality?: unknown };
    const what = typeof functionality === 'string' ? `: ${clientText(functionality, [])}` : '.';
    return new GatewayError('unsupported_value', {
      message: `The model does not support this request${what}`,
      cause: thrown,
    });
  }
  const { statusCode, responseHeaders } = thrown as { statusCode?: unknown; responseHeaders?: unknown };
  if (typeof statusCode !== 'number') {
    return new UpstreamError('lost', new GatewayError('upstream_error', { cause: thrown }), { cause: thrown });
  }
  if (statusCode < 400) return invalidAnswer(thrown);
  const headers = isObject(responseHeaders) ? (responseHeaders as Record<string, string>) : {};
  return statusError({ status: statusCode, headers, message: clientText(thrown.message, []) });
}
