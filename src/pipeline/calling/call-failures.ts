import { GatewayError } from '../../lib/errors.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import type { Expiry } from '../../upstream/watchdog.js';
import { type Ending, UNUSED } from '../ending.js';

/** A call that brought no answer but is charged. */
export class BilledFailure extends Error {
  override readonly name: string = 'BilledFailure';
  readonly ending: Ending;
  /** The error that the client receives. */
  readonly clientError: GatewayError;

  constructor(ending: Ending, clientError: GatewayError, cause?: unknown) {
    super(clientError.message, { cause });
    this.ending = ending;
    this.clientError = clientError;
  }
}

/** The client left before its answer came. It pays for the input when a provider may have begun to read it. */
export class ClientDisconnected extends BilledFailure {
  override readonly name = 'ClientDisconnected';

  /** Nobody reads the error; 499 is what proxies log for such a request. */
  constructor(ending: Ending) {
    super(ending, new GatewayError('internal_error', { status: 499, message: 'the client disconnected' }));
  }
}

/** How a request ended whose call failed before it brought anything. */
export function endingOf(thrown: unknown): Ending {
  return thrown instanceof BilledFailure ? thrown.ending : UNUSED;
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
