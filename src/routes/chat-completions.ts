import { errorBody, type GatewayError } from '../errors.js';
import { toOpenAIUsage } from '../meter/usage.js';
import type { ChatCompletion } from '../openai/chat-completion.js';
import type { ChatRequest } from '../openai/chat-request.js';
import { countedSize, estimateOutput, inputSize, lettersOf } from '../openai/input-size.js';
import { parseChatRequest } from '../openai/parse-chat-request.js';
import { RelayedOutput } from '../openai/relayed-output.js';
import type { InputSize, Operation } from '../pipeline/operation.js';
import type { ParsedBody } from '../pipeline/parse.js';
import type { Runtime } from '../pipeline/runtime.js';
import type {
  Attempt,
  ChatAnswer,
  ChatCall,
  ProviderAdapter,
  UnsupportedPolicy,
} from '../providers/provider-adapter.js';
import { isSelfStopping } from '../providers/self-stopping.js';
import type { Cancellation } from '../upstream/cancellation.js';
import type { Transport } from '../upstream/transport.js';
import { chunkStream } from './chat-stream.js';

/** `POST /chat/completions`: makes an operation of its body. @throws {GatewayError} that names the wrong field. */
export function readChatCompletion(body: ParsedBody, gateway: Runtime): Operation {
  return chatOperation(parseChatRequest(body.value), body, gateway);
}

function chatOperation(request: ChatRequest, body: ParsedBody, gateway: Runtime): Operation {
  return {
    route: 'chat/completions',
    model: request.model,
    stream: request.stream === true,
    input: sizeOf(request, body, gateway),
    output: { choices: request.n ?? 1, limit: request.max_completion_tokens ?? request.max_tokens },
    stickyKey: request.prompt_cache_key ?? request.safety_identifier ?? request.user,
    chat: request,
    fits: () => true,

    async call(adapter, attempt) {
      const answer = await adapter.chat(callFor(adapter, request, body, attempt));
      const completion = withUsage(answer);
      return {
        body: answer.text ?? JSON.stringify(completion),
        usage: answer.usage,
        estimatedOutput: answer.usage ? 0 : estimateOutput(lettersOf(JSON.stringify(completion.choices))),
        dropped: answer.dropped ?? [],
      };
    },

    async open(adapter, attempt) {
      const { batches, dropped } = await adapter.stream(callFor(adapter, request, body, attempt));
      const includeUsage = request.stream_options?.include_usage === true;
      const relayed = new RelayedOutput();
      return chunkStream(batches, { includeUsage, estimateRelayed: (chunk) => relayed.estimate(chunk) }, dropped);
    },

    fail: errorFrame,
  };
}

/** The answer with the provider's usage in OpenAI's terms, unless the adapter has put it there itself. */
function withUsage({ completion, usage }: ChatAnswer): ChatCompletion {
  return completion.usage === undefined && usage ? { ...completion, usage: toOpenAIUsage(usage) } : completion;
}

/** Exactly counted where the operator provides a counter, else estimated from the size of the body. */
export function sizeOf(request: ChatRequest, body: ParsedBody, gateway: Runtime): InputSize {
  const counted = gateway.countTokens?.(request);
  return (counted === undefined ? undefined : countedSize(counted)) ?? inputSize(body.size, request.messages);
}

/** The call for an adapter; one that somebody else wrote may copy it, signal and all. */
function callFor(adapter: ProviderAdapter, request: ChatRequest, body: ParsedBody, attempt: Attempt): ChatCall {
  // where parsing removed nulls, the bytes no longer say the same
  const call = new ChatAttempt(request, request === body.value ? body.bytes : undefined, attempt);
  return isSelfStopping(adapter) ? call : { ...call, signal: attempt.signal };
}

/** Field by field: every request makes one, and a spread copies several times slower. */
class ChatAttempt implements ChatCall {
  readonly requestId: string;
  readonly accountId: string;
  readonly model: string;
  readonly request: ChatRequest;
  readonly body: Uint8Array | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly outputLimitAdded: boolean;
  readonly modelOutputLimit: number | undefined;
  readonly unsupported: UnsupportedPolicy;
  readonly transport: Transport;
  readonly cancellation: Cancellation | undefined;
  readonly onActivity: () => void;
  readonly now: () => number;
  readonly #attempt: Attempt;

  constructor(request: ChatRequest, body: Uint8Array | undefined, attempt: Attempt) {
    this.requestId = attempt.requestId;
    this.accountId = attempt.accountId;
    this.model = attempt.model;
    this.request = request;
    this.body = body;
    this.maxOutputTokens = attempt.maxOutputTokens;
    this.outputLimitAdded = attempt.outputLimitAdded;
    this.modelOutputLimit = attempt.modelOutputLimit;
    this.unsupported = attempt.unsupported;
    this.transport = attempt.transport;
    this.cancellation = attempt.cancellation;
    this.onActivity = attempt.onActivity;
    this.now = attempt.now;
    this.#attempt = attempt;
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }
}

/** What ends a stream that failed: both official clients raise on it. */
export function errorFrame(error: GatewayError): string {
  return `data: ${JSON.stringify(errorBody(error))}\n\n`;
}
