import { GatewayError } from '../lib/errors.js';
import { UpstreamError } from './upstream-error.js';

/** The error for an answer that is larger than the gateway passes on. */
export function tooLarge(cause: unknown = new Error('an event is too long')): UpstreamError {
  const message = 'The answer of the model provider is larger than the gateway passes on.';
  const clientError = new GatewayError('upstream_error', { message, headers: { 'x-should-retry': 'false' } });
  return new UpstreamError('too_large', clientError, { cause });
}
