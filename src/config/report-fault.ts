import { consoleLogger, describeFault } from '../lib/logger.js';
import { guarded } from '../lib/maybe-promise.js';
import type { Runtime } from '../pipeline/runtime.js';
import type { GatewayOptions } from './options.js';

/** Logs what is not the client's fault, and tells the host's `onError`. */
export function faultReporter({ logger = consoleLogger, onError }: GatewayOptions): Runtime['reportFault'] {
  return (requestId, error, facts) => {
    const fields = { requestId, code: error.code, status: error.status, ...facts, fault: describeFault(error) };
    if (error.status === 500) logger.error(fields, 'a request failed');
    else logger.warn(fields, 'a request could not be answered');
    void guarded<void>(
      () => onError?.(error.cause ?? error, { requestId, code: error.code, status: error.status, ...facts }),
      (thrown) => logger.error({ requestId, fault: describeFault(thrown) }, 'onError threw'),
    );
  };
}
