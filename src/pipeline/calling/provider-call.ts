import type { Target } from '../../catalog/catalog.js';
import { CANCELLATION, type Cancellation } from '../../lib/cancellation.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { Attempt, ChatCall, RouteCall, UnsupportedPolicy } from '../../providers/adapter.js';
import { LARGE } from '../../providers/http/large-json.js';
import { LOOK_UPS, type LookUps } from '../../providers/look-ups.js';
import { OUTLINE } from '../../providers/outline.js';
import type { Transport } from '../../upstream/transport.js';
import type { Watch } from '../../upstream/watchdog.js';
import type { ChatSource, TargetAttempt } from '../operation.js';
import type { Run } from '../run-state.js';
import { mayRunProviderTools } from '../tool-rules.js';

/** One attempt at one target. */
export class RunAttempt implements TargetAttempt {
  readonly target: Target;
  readonly watch: Watch;
  readonly run: Run;

  constructor(target: Target, watch: Watch, run: Run) {
    this.target = target;
    this.watch = watch;
    this.run = run;
  }

  get requestId(): string {
    return this.run.requestId;
  }

  get accountId(): string {
    return this.run.principal.account.id;
  }

  get model(): string {
    return this.target.model;
  }

  get maxOutputTokens(): number | undefined {
    return this.run.hold.maxOutputTokens;
  }

  get modelOutputLimit(): number | undefined {
    const { model } = this.run.resolution;
    return model.outputLimitConfigured ? model.maxOutputTokens : undefined;
  }

  get unsupported(): UnsupportedPolicy {
    return this.run.runtime.settings.unsupported;
  }

  get providerTools(): boolean {
    return mayRunProviderTools(this.run);
  }

  keep(id: string, value: string): void {
    this.run.keep(id, value);
  }

  chatCall(chat: ChatSource): ChatCall {
    return new GatewayChatCall(this, chat);
  }

  routeCall<Request>(request: Request): RouteCall<Request> {
    return new GatewayRouteCall(this, request);
  }
}

/** A call whose signal is made only for those who ask for it. A copy of it has no signal, but its cancellation. */
class GatewayCall implements Attempt {
  readonly requestId: string;
  readonly accountId: string;
  readonly tenantSecret: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly model: string;
  readonly maxOutputTokens: number | undefined;
  readonly outputLimitAdded: boolean;
  readonly modelOutputLimit: number | undefined;
  readonly unsupported: UnsupportedPolicy;
  readonly providerTools: boolean;
  readonly transport: Transport;
  readonly onActivity: () => void;
  readonly now: () => number;
  readonly [CANCELLATION]: Cancellation;
  readonly [LARGE]: (() => void) | undefined;
  readonly [LOOK_UPS]: LookUps;
  readonly #run: Run;

  constructor(attempt: RunAttempt) {
    const { principal, hold, runtime, observation } = attempt.run;
    this.#run = attempt.run;
    this.requestId = attempt.requestId;
    this.accountId = principal.account.id;
    this.tenantSecret = runtime.settings.keyPepper ?? String(principal.account.createdAt);
    this.tags = principal.tags;
    this.model = attempt.model;
    this.maxOutputTokens = hold.maxOutputTokens;
    this.outputLimitAdded = hold.outputLimitAdded;
    this.modelOutputLimit = attempt.modelOutputLimit;
    this.unsupported = attempt.unsupported;
    this.providerTools = attempt.providerTools;
    this.transport = observation ? observation.transport(runtime.transport) : runtime.transport;
    this.onActivity = attempt.watch.touch;
    this.now = runtime.now;
    this[CANCELLATION] = attempt.watch.cancellation;
    this[LOOK_UPS] = attempt.run.lookUps;
    const { largeBody } = attempt.run;
    this[LARGE] = largeBody && (() => largeBody.release());
  }

  keep(id: string, value: string): void {
    this.#run.keep(id, value);
  }

  get signal(): AbortSignal {
    return this[CANCELLATION].signal;
  }
}

/** A chat call whose long texts are parsed only for those who read them. */
class GatewayChatCall extends GatewayCall implements ChatCall {
  declare readonly body: Uint8Array | undefined;
  readonly #chat: ChatSource;

  constructor(attempt: RunAttempt, chat: ChatSource) {
    super(attempt);
    this.#chat = chat;
    // Kept here, a large body could not be released.
    if (this[LARGE]) Object.defineProperty(this, 'body', { get: () => chat.bytes, enumerable: true });
    else this.body = chat.bytes;
  }

  get request(): ChatRequest {
    return this.#chat.request;
  }

  get [OUTLINE](): ChatRequest {
    return this.#chat.outline;
  }
}

class GatewayRouteCall<Request> extends GatewayCall implements RouteCall<Request> {
  readonly request: Request;

  constructor(attempt: RunAttempt, request: Request) {
    super(attempt);
    this.request = request;
  }
}
