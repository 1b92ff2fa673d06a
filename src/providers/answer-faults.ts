import { GatewayError } from '../lib/errors.js';
import { TransportError } from '../upstream/transport.js';
import { UpstreamError } from '../upstream/upstream-error.js';

const TRANSPORT_CODES = {
  connect: 'upstream_unavailable',
  lost: 'upstream_error',
  timeout: 'upstream_timeout',
} as const;

/** Maps a transport failure to an upstream error; anything else is returned as it is. */
export function asUpstreamError(thrown: unknown): unknown {
  if (!TransportError.isInstance(thrown)) return thrown;
  const fault = thrown.fault === 'aborted' ? 'lost' : thrown.fault;
  return new UpstreamError(fault, new GatewayError(TRANSPORT_CODES[fault], { cause: thrown }), { cause: thrown });
}

/** An answer with a success status that is not what the provider's API promises. */
export function invalidAnswer(cause: unknown): UpstreamError {
  return new UpstreamError('invalid', new GatewayError('upstream_error', { cause }), { cause });
}

/** What a translator threw while it read an answer; an error that is not the gateway's own means that the answer is invalid. */
export function translationFault(thrown: unknown): unknown {
  const isOwn =
    UpstreamError.isInstance(thrown) || GatewayError.isInstance(thrown) || TransportError.isInstance(thrown);
  return isOwn ? thrown : invalidAnswer(thrown);
}

/** A stream that ended before the provider said that its answer is complete. */
export function truncatedAnswer(): UpstreamError {
  return new UpstreamError('truncated', new GatewayError('upstream_truncated'));
}
