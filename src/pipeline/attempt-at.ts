import type { Target } from '../catalog/catalog.js';
import type { Attempt, UnsupportedPolicy } from '../providers/provider-adapter.js';
import type { Cancellation } from '../upstream/cancellation.js';
import type { Transport } from '../upstream/transport.js';
import type { Watch } from '../upstream/watchdog.js';
import type { Call } from './call.js';
import type { Runtime } from './runtime.js';

/** What a provider adapter is given for one attempt. Its signal is made when it is first asked for. */
export class TargetAttempt implements Attempt {
  readonly requestId: string;
  readonly accountId: string;
  readonly model: string;
  readonly maxOutputTokens: number | undefined;
  readonly outputLimitAdded: boolean;
  readonly modelOutputLimit: number | undefined;
  readonly unsupported: UnsupportedPolicy;
  readonly transport: Transport;
  readonly cancellation: Cancellation;
  readonly onActivity: () => void;
  readonly now: () => number;

  constructor(target: Target, { requestId, principal, route, hold }: Call, watch: Watch, gateway: Runtime) {
    this.requestId = requestId;
    this.accountId = principal.account.id;
    this.model = target.model;
    this.maxOutputTokens = hold.maxOutputTokens;
    this.outputLimitAdded = hold.outputLimitAdded;
    this.modelOutputLimit = route.model.outputLimitConfigured ? route.model.maxOutputTokens : undefined;
    this.unsupported = gateway.settings.unsupported;
    this.transport = gateway.transport;
    this.cancellation = watch.cancellation;
    this.onActivity = watch.touch;
    this.now = gateway.now;
  }

  get signal(): AbortSignal {
    return this.cancellation.signal;
  }
}

/** A call on a route: the attempt with its request, as plain data that may be copied. */
export function routeCall<Request>(attempt: Attempt, request: Request): Attempt & { readonly request: Request } {
  return { ...attempt, signal: attempt.signal, request };
}
