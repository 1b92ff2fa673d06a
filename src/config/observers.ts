import type { Logger } from '../lib/logger.js';
import { describeFault } from '../lib/logger.js';
import { guarded } from '../lib/maybe-promise.js';
import type { GatewayGauges } from '../observe/gauges.js';
import { loggedRequests } from '../observe/logged-requests.js';
import type { RequestObserver } from '../observe/observer.js';
import type { RequestLog } from '../requests/request-log.js';
import { RequestWriter } from '../requests/request-writer.js';
import type { GatewayOptions } from './options.js';

/** Who follows requests, and the request log where there is one. */
export interface Observers {
  readonly all: readonly RequestObserver[];
  readonly requestLog: { readonly log: RequestLog; readonly flush: () => Promise<void> } | undefined;
}

/** Makes the observers that the options ask for. @throws {TypeError} for a request log without a store for it. */
export function observersOf(
  options: GatewayOptions,
  log: RequestLog | undefined,
  gauges: GatewayGauges,
  random: () => number,
  logger: Logger,
): Observers {
  const all: RequestObserver[] = [];
  let requestLog: Observers['requestLog'];
  if (options.requestLog) {
    if (!log) throw new TypeError('requestLog needs a store that has a request log');
    const writer = new RequestWriter(log, logger);
    all.push(loggedRequests(writer, options.requestLog.bodies ?? false, random));
    requestLog = { log, flush: () => writer.flush() };
  }
  if (options.metrics) {
    options.metrics.attach(gauges);
    all.push(options.metrics);
  }
  if (options.telemetry) all.push(options.telemetry);
  const { onRequest } = options;
  if (onRequest) {
    const ended: RequestObserver['ended'] = (report) => {
      const note = (thrown: unknown) =>
        logger.error({ requestId: report.id, fault: describeFault(thrown) }, 'onRequest threw');
      void guarded<void>(() => onRequest(report), note);
    };
    all.push({ ended });
  }
  return { all, requestLog };
}
