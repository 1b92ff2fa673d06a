import { GatewayError } from '../../lib/errors.js';
import { UpstreamError } from '../../upstream/upstream-error.js';

/**
 * The model failed without any output (a malformed call, for example). A retry may well succeed, so this counts as a
 * status of 502.
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
