import type { Target } from '../catalog/catalog.js';
import type { Attempt } from '../providers/provider-adapter.js';
import type { Watch } from '../upstream/watchdog.js';
import type { Call } from './call.js';
import type { Runtime } from './runtime.js';

/** What a provider adapter is given for one attempt. */
export function attemptAt(target: Target, call: Call, watch: Watch, gateway: Runtime): Attempt {
  const { requestId, principal, route, hold } = call;
  const { settings, transport, now } = gateway;
  return {
    requestId,
    accountId: principal.account.id,
    model: target.model,
    maxOutputTokens: hold.maxOutputTokens,
    outputLimitAdded: hold.outputLimitAdded,
    modelOutputLimit: route.model.outputLimitConfigured ? route.model.maxOutputTokens : undefined,
    unsupported: settings.unsupported,
    transport,
    signal: watch.signal,
    onActivity: watch.touch,
    now,
  };
}
