import { GatewayError, toGatewayError } from '../../lib/errors.js';
import type { Outcome } from '../../meter/meter.js';
import { UpstreamError, type UpstreamFault } from '../../upstream/upstream-error.js';
import type { Expiry } from '../../upstream/watchdog.js';
import { timeoutError } from '../calling/call-failures.js';
import { isTargetFault } from '../calling/retry-policy.js';

/** Why a stream that had begun failed, for the client, the log and the target's health. */
export interface StreamFailure {
  readonly outcome: Outcome;
  /** The error that the client receives. */
  readonly clientError: GatewayError;
  /** The same with its cause, for logs. */
  readonly report: GatewayError;
  /** True if the failure is the target's fault. */
  readonly targetFault: boolean;
  /** Undefined: the failure is the gateway's own. */
  readonly fault: UpstreamFault | undefined;
}

/** Reads a failure. @param expired the time limit that caused it, whatever was thrown then. */
export function streamFailure(thrown: unknown, expired: Expiry | undefined): StreamFailure {
  const error = expired ? timeoutError(expired, thrown) : thrown;
  if (!UpstreamError.isInstance(error)) {
    const clientError = toGatewayError(error);
    return { outcome: 'error', clientError, report: clientError, targetFault: false, fault: undefined };
  }
  const { clientError } = error;
  const report = new GatewayError(clientError.code, { message: clientError.message, cause: error });
  return { outcome: outcomeOf(error), clientError, report, targetFault: isTargetFault(error), fault: error.fault };
}

function outcomeOf({ fault }: UpstreamError): Outcome {
  if (fault === 'timeout') return 'timeout';
  return fault === 'truncated' || fault === 'lost' ? 'truncated' : 'error';
}
