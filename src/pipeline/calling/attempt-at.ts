import type { Target } from '../../catalog/catalog.js';
import type { Cancellation } from '../../lib/cancellation.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { Attempt, ChatCall, ProviderAdapter, UnsupportedPolicy } from '../../providers/adapter.js';
import { isSelfStopping } from '../../providers/self-stopping.js';
import type { Transport } from '../../upstream/transport.js';
import type { Watch } from '../../upstream/watchdog.js';
import type { Runtime } from '../runtime.js';
import type { Call } from './call.js';

/** A chat request that is read as far as it is asked for. */
export interface ChatSource {
  readonly request: ChatRequest;
  readonly outline: ChatRequest;
  readonly bytes: Uint8Array | undefined;
}

/** What a provider adapter is given for one attempt; what is dear to make is made when it is first asked for. */
export class TargetAttempt implements Attempt {
  readonly requestId: string;
  readonly accountId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly model: string;
  readonly maxOutputTokens: number | undefined;
  readonly outputLimitAdded: boolean;
  readonly modelOutputLimit: number | undefined;
  readonly unsupported: UnsupportedPolicy;
  readonly transport: Transport;
  readonly cancellation: Cancellation;
  readonly onActivity: () => void;
  readonly now: () => number;
  body: Uint8Array | undefined = undefined;
  #chat: ChatSource | undefined;

  constructor(target: Target, { requestId, principal, resolution, hold }: Call, watch: Watch, gateway: Runtime) {
    this.requestId = requestId;
    this.accountId = principal.account.id;
    this.tags = principal.tags;
    this.model = target.model;
    this.maxOutputTokens = hold.maxOutputTokens;
    this.outputLimitAdded = hold.outputLimitAdded;
    this.modelOutputLimit = resolution.model.outputLimitConfigured ? resolution.model.maxOutputTokens : undefined;
    this.unsupported = gateway.settings.unsupported;
    this.transport = gateway.transport;
    this.cancellation = watch.cancellation;
    this.onActivity = watch.touch;
    this.now = gateway.now;
  }

  get signal(): AbortSignal {
    return this.cancellation.signal;
  }

  get request(): ChatRequest {
    if (!this.#chat) throw new Error('an attempt that is no chat call');
    return this.#chat.request;
  }

  get outline(): ChatRequest | undefined {
    return this.#chat?.outline;
  }

  /** The chat call for an adapter. One that somebody else wrote may copy it, so that everything must be there. */
  chatCall(chat: ChatSource, adapter: ProviderAdapter): ChatCall {
    this.#chat = chat;
    this.body = chat.bytes;
    return isSelfStopping(adapter) ? this : { ...this, request: chat.request, signal: this.signal };
  }

  /** The call on another route, as plain data that may be copied. */
  routeCall<Request>(request: Request): Attempt & { readonly request: Request } {
    return { ...this, signal: this.signal, request };
  }
}
