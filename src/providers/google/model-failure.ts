import { GatewayError } from '../../lib/errors.js';
import { UpstreamError } from '../../upstream/upstream-error.js';

/**
 * The model gave up without a word (a malformed call, say). Asked again it may well succeed, so this counts as what
 * the API should have answered: a status of 502.
 */
export function modelFailure(reason: string): UpstreamError {
  const cause = new Error(`finishReason ${reason}`);
  const text = reason
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .slice(0, 60);
  const message = `The model failed to answer (${text}).`;
  return new UpstreamError('status', new GatewayError('upstream_error', { message, cause }), { status: 502, cause });
}
