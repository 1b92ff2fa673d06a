import type { ParsedBody } from '../json/parsed-body.js';
import { errorBody, type GatewayError } from '../lib/errors.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { toOpenAIUsage } from '../lib/usage.js';
import { withFields } from '../lib/with-fields.js';
import { checkAnswerSize } from '../openai-api/answer-size.js';
import type { ChatCompletion } from '../openai-api/chat-completion.js';
import type { ChatRequest } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import { estimateCompletion, RelayedOutput } from '../openai-api/relayed-output.js';
import type { Answer, InputSize, OpenStream, Operation, OutputSize, TargetAttempt } from '../pipeline/operation.js';
import type { RoutedRequest } from '../pipeline/route.js';
import type { ChatAnswer, ProviderAdapter, Recollection } from '../providers/adapter.js';
import { ChatBody } from './chat-body.js';
import { chunkStream } from './chat-stream.js';
import { type SentChat, withoutForeignTools } from './chat-tools.js';
import { withCost } from './usage-option.js';

/** `POST /chat/completions`: makes an operation of its body. @throws {GatewayError} that names the wrong field. */
export function readChatCompletion(parsed: ParsedBody, routed: RoutedRequest): MaybePromise<Operation> {
  try {
    const body = ChatBody.of(parsed);
    return hasCustomTools(body.outline) ? readCustomTools(body, routed) : chatOperation(body, routed);
  } catch (thrown) {
    if (!isResponsesBody(parsed)) throw thrown;
    return readResponsesBody(parsed, routed);
  }
}

/** Few clients send custom tools, and most providers have none. */
async function readCustomTools(body: ChatBody, routed: RoutedRequest): Promise<Operation> {
  const { withCustomTools } = await import('./other-routes.js');
  return withCustomTools(chatOperation(body, routed), body.outline);
}

function hasCustomTools({ tools, messages }: ChatRequest): boolean {
  return (
    tools?.some(isCustom) || messages.some((message) => 'tool_calls' in message && message.tool_calls?.some(isCustom))
  );
}

function isCustom({ type }: { readonly type: string }): boolean {
  return type === 'custom';
}

function isResponsesBody({ value }: ParsedBody): boolean {
  return isObject(value) && value['messages'] == null && value['input'] != null;
}

/** A body of `POST /responses`, which few clients send here. */
async function readResponsesBody(parsed: ParsedBody, routed: RoutedRequest): Promise<Operation> {
  const { inResponsesTerms, responsesAsChat } = await import('./other-routes.js');
  const { body, dropped } = await responsesAsChat(parsed, routed);
  return inResponsesTerms(chatOperation(body, routed), dropped);
}

function chatOperation(body: ChatBody, { runtime }: RoutedRequest): Operation {
  const { outline } = body;
  const output = { choices: outline.n ?? 1, limit: outline.max_completion_tokens ?? outline.max_tokens };
  if (!outline.stream) {
    const alternatives = outline.logprobs ? (outline.top_logprobs ?? 0) : 0;
    const { provider_options: native } = outline;
    const most = native ? Math.max(alternatives, nativeAlternatives(native)) : alternatives;
    checkAnswerSize(output.choices, output.limit, most, 'answer');
  }
  return new ChatOperation(body, output, body.size(runtime.countTokens));
}

/** Alternatives of each token that native options ask for, under whichever name. */
function nativeAlternatives(options: object): number {
  let most = 0;
  for (const given of Object.values(options) as unknown[]) {
    if (!isObject(given)) continue;
    const configs = [given, given['generationConfig'], given['generation_config']].filter(isObject);
    for (const { top_logprobs: top, logprobs } of configs)
      for (const wanted of [top, logprobs]) if (typeof wanted === 'number' && wanted > most) most = wanted;
  }
  return most;
}

class ChatOperation implements Operation {
  readonly route = 'chat/completions';
  readonly model: string;
  readonly stream: boolean;
  readonly sentSize: Operation['sentSize'];
  readonly recalledSize: Operation['recalledSize'];
  readonly stickyKey: string | undefined;
  readonly endUser: string | undefined;
  readonly searches: boolean;
  readonly #body: ChatBody;

  constructor(
    body: ChatBody,
    readonly output: OutputSize,
    readonly input: InputSize,
  ) {
    const { outline } = body;
    this.model = outline.model;
    this.stream = outline.stream === true;
    const { sentSize, recalledSize } = body.sizes;
    this.sentSize = sentSize;
    this.recalledSize = recalledSize;
    this.searches = outline.web_search_options != null;
    this.endUser = outline.safety_identifier ?? outline.user;
    this.stickyKey = outline.prompt_cache_key ?? this.endUser;
    this.#body = body;
  }

  recall(adapter: ProviderAdapter, recollection: Recollection): Promise<void> | undefined {
    return adapter.recall?.(this.#body.outline, recollection);
  }

  fits(): boolean {
    return true;
  }

  call(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<Answer> {
    const sent = withoutForeignTools(this.#body, adapter, attempt);
    const { includeCost } = this.#body;
    return adapter
      .chat(attempt.chatCall(sent.source))
      .then((answer) => toAnswer(withDropped(answer, sent), includeCost));
  }

  async open(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<OpenStream> {
    const { includeCost, outline } = this.#body;
    const sent = withoutForeignTools(this.#body, adapter, attempt);
    const { batches, dropped } = withDropped(await adapter.stream(attempt.chatCall(sent.source)), sent);
    const includeUsage = includeCost || outline.stream_options?.include_usage === true;
    const relayed = new RelayedOutput();
    const estimateRelayed = (chunk: string) => relayed.estimate(chunk);
    return chunkStream(batches, { includeUsage, includeCost, estimateRelayed }, dropped);
  }

  fail(error: GatewayError): string {
    return errorFrame(error);
  }
}

function withDropped<T extends { readonly dropped?: readonly string[] }>(answer: T, sent: SentChat): T {
  return sent.dropped.length > 0 ? { ...answer, dropped: [...sent.dropped, ...(answer.dropped ?? [])] } : answer;
}

function toAnswer(answer: ChatAnswer, includeCost: boolean): Answer {
  const { text, usage, dropped = NONE } = answer;
  return {
    body: text ?? JSON.stringify(withUsage(answer)),
    bodyWith: (counted) => JSON.stringify({ ...answer.completion, usage: toOpenAIUsage(counted) }),
    withCost: includeCost ? withCost : undefined,
    usage,
    estimatedOutput: usage ? 0 : estimateCompletion(answer.completion),
    dropped,
  };
}

const NONE: readonly string[] = [];

/** The answer with the provider's usage in OpenAI's terms, unless the adapter has put it there itself. */
function withUsage({ completion, usage }: ChatAnswer): ChatCompletion {
  return completion.usage === undefined && usage ? withFields(completion, { usage: toOpenAIUsage(usage) }) : completion;
}

/** What ends a stream that failed: both official clients raise on it. */
export function errorFrame(error: GatewayError): string {
  return `data: ${JSON.stringify(errorBody(error))}\n\n`;
}
