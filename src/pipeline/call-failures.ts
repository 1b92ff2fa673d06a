import type { Target } from '../catalog/catalog.js';
import { GatewayError } from '../errors.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import type { Expiry } from '../upstream/watchdog.js';

/** The client left before its answer came. The target is the provider that may have begun to work for it, if any. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
  constructor(readonly target: Target | undefined) {
    super('the client is gone');
  }
}

const TIMEOUT_TEXTS: Readonly<Record<Exclude<Expiry, 'shutdown'>, string>> = {
  first_byte: 'The model provider did not begin to answer in time.',
  idle: 'The model provider stopped sending its answer.',
  total: 'The request took longer than allowed.',
};

/** The failure that a time limit is. */
export function timeoutError(expired: Expiry, cause?: unknown): UpstreamError {
  if (expired === 'shutdown') {
    const clientError = new GatewayError('service_unavailable', { headers: { 'retry-after': '1' } });
    return new UpstreamError('shutdown', clientError, { cause });
  }
  const clientError = new GatewayError('upstream_timeout', { message: TIMEOUT_TEXTS[expired] });
  return new UpstreamError('timeout', clientError, { cause });
}
