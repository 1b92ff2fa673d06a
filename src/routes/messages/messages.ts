import { betasIn } from '../../anthropic-api/betas.js';
import { fromChatCompletion } from '../../anthropic-api/from-chat-completion.js';
import { toMessageUsage } from '../../anthropic-api/message.js';
import type { MessagesBody, MessagesRequest } from '../../anthropic-api/messages-request.js';
import { areCallsAnswered, isPlainMessages, messagesSize } from '../../anthropic-api/messages-size.js';
import { parseMessagesRequest } from '../../anthropic-api/parse-messages-request.js';
import type { Capabilities } from '../../catalog/capabilities.js';
import type { Catalog, Model } from '../../catalog/catalog.js';
import { type BodyOutline, LARGE_BYTES, type ParsedBody } from '../../json/parsed-body.js';
import { GatewayError } from '../../lib/errors.js';
import { NO_USAGE, type Usage } from '../../lib/usage.js';
import { withFields } from '../../lib/with-fields.js';
import { estimateOutput } from '../../openai-api/input-size.js';
import { estimateCompletion } from '../../openai-api/relayed-output.js';
import type { Answer, InputSize, MeasureSent, OpenStream, Operation, TargetAttempt } from '../../pipeline/operation.js';
import type { RoutedRequest } from '../../pipeline/route.js';
import { estimatedUsage } from '../../pipeline/streaming/charged-usage.js';
import type { Attempt, ProviderAdapter, TextAnswer } from '../../providers/adapter.js';
import { messagesRouteOf } from '../../providers/messages-route-of.js';
import type { SentSize } from '../../providers/sent-size.js';
import { openaiSize } from '../../providers/sizing.js';
import { chatForTarget, type FittedChat } from './chat-for-target.js';
import { inMessagesTerms, originOf } from './field-origins.js';
import { failedMessage, relayedStream, translatedStream } from './message-stream.js';

/**
 * `POST /messages`: makes an operation of its body. Providers that have this route answer it; for the others the request
 * becomes a chat request, and the chat answer a message.
 *
 * @throws {GatewayError} that names the wrong field.
 */
export function readMessages(parsed: ParsedBody, asked: RoutedRequest): Operation {
  return new MessagesOperation(readBody(parsed, asked, 'limit'), asked.principal.catalog);
}

/** A body with what its headers ask for; checked as far as it is read. */
export function readBody(parsed: ParsedBody, { request }: RoutedRequest, limit: 'limit' | 'no limit'): ReadBody {
  const { value: outlined, measure } = outlineOf(parsed);
  let outline: MessagesRequest;
  try {
    outline = parseMessagesRequest(outlined, limit);
  } catch (thrown) {
    // The refusal may quote what the outline has cut.
    if (measure) parseMessagesRequest(parsed.value, limit);
    throw thrown;
  }
  const betas = betasIn(request.headers['anthropic-beta']);
  const size = messagesSize(parsed.size, outline, measure);
  return new ReadBody(
    { outline, betas },
    parsed,
    size,
    measure ? () => parseMessagesRequest(parsed.value, limit) : () => outline,
  );
}

/** All of a body whose bytes are not relayed: without them it is looked through whole. */
function outlineOf(parsed: ParsedBody): BodyOutline {
  const outlined = parsed.outline();
  return outlined.bytes ? outlined : { value: parsed.value, bytes: undefined, measure: undefined };
}

/** A checked body and its size; all of it is parsed for those who ask for it. */
export class ReadBody implements MessagesBody {
  readonly outline: MessagesRequest;
  readonly betas: readonly string[];
  readonly size: InputSize;
  readonly #parsed: ParsedBody;
  readonly #readWhole: () => MessagesRequest;
  #whole: MessagesRequest | undefined;

  constructor(
    { outline, betas }: Pick<MessagesBody, 'outline' | 'betas'>,
    parsed: ParsedBody,
    size: InputSize,
    readWhole: () => MessagesRequest,
  ) {
    this.outline = outline;
    this.betas = betas;
    this.size = size;
    this.#parsed = parsed;
    this.#readWhole = readWhole;
  }

  get bytes(): Uint8Array | undefined {
    return this.#parsed.relayed;
  }

  get value(): MessagesRequest {
    return (this.#whole ??= this.#readWhole());
  }

  /** The whole request, for who translates it: the bytes of a large one are not kept beside it. */
  get translated(): MessagesRequest {
    const { value } = this;
    if (this.#parsed.size > LARGE_BYTES) this.#parsed.release();
    return value;
  }
}

class MessagesOperation implements Operation {
  readonly route = 'messages';
  readonly model: string;
  readonly stream: boolean;
  readonly input: InputSize;
  readonly output: Operation['output'];
  readonly stickyKey: string | undefined;
  readonly sentSize: Operation['sentSize'];
  readonly recalledSize: Operation['recalledSize'];
  readonly endUser: string | undefined;
  readonly #body: ReadBody;
  readonly #capabilities: Capabilities;

  constructor(body: ReadBody, { models }: Catalog) {
    const { outline } = body;
    this.#body = body;
    const model = models.get(outline.model);
    this.#capabilities = model?.capabilities ?? {};
    this.model = outline.model;
    this.stream = outline.stream === true;
    this.input = body.size;
    this.output = { choices: 1, limit: limitOf(outline, model) };
    const isText = isPlainMessages(outline) && areCallsAnswered(outline);
    const measure: MeasureSent = (adapter, attempt) => this.#sentSize(adapter, attempt);
    this.sentSize = isText ? undefined : measure;
    this.recalledSize = isText && this.input.instructionTokens ? measure : undefined;
    this.endUser = outline.metadata?.user_id ?? undefined;
    this.stickyKey = this.endUser;
  }

  fits(): boolean {
    return true;
  }

  call(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<Answer> {
    const native = messagesRouteOf(adapter, attempt.model);
    return native ? native.answer(attempt.routeCall(this.#body)).then(toAnswer) : this.#chat(adapter, attempt);
  }

  /** By chat. */
  async #chat(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<Answer> {
    const form = this.#chatFor(adapter, attempt);
    const call = { ...attempt.routeCall(form.chat), maxOutputTokens: form.maxOutputTokens };
    const { completion, usage, dropped = [] } = await inMessagesTerms(() => adapter.chat(call));
    const estimatedOutput = usage ? 0 : estimateCompletion(completion);
    const message = fromChatCompletion(completion, usage ?? NO_USAGE, this.#body.outline, attempt.requestId);
    const bodyWith = (counted: Usage) => {
      const { service_tier: tier } = message.usage;
      return JSON.stringify({ ...message, usage: toMessageUsage(counted, tier) });
    };
    const all = [...form.dropped, ...dropped.map(originOf)];
    return { body: JSON.stringify(message), bodyWith, usage, estimatedOutput, dropped: all };
  }

  async open(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<OpenStream> {
    const native = messagesRouteOf(adapter, attempt.model);
    if (native) {
      const { batches, dropped = [] } = await native.stream(attempt.routeCall(this.#body));
      return relayedStream(batches, dropped);
    }
    const form = this.#chatFor(adapter, attempt);
    const call = { ...attempt.routeCall(form.chat), maxOutputTokens: form.maxOutputTokens };
    const { batches, dropped = [] } = await inMessagesTerms(() => adapter.stream(call));
    const input = estimatedUsage(this.input.estimatedTokens, 0);
    const all = [...form.dropped, ...dropped.map(originOf)];
    return translatedStream(batches, this.#body.outline, attempt.requestId, input, all);
  }

  readonly fail = failedMessage;

  #sentSize(adapter: ProviderAdapter, attempt: Attempt): SentSize {
    const { sizes } = adapter;
    if (sizes?.messages && messagesRouteOf(adapter, attempt.model))
      return sizes.messages(withFields(attempt, { request: this.#body }));
    const { chat } = chatForTarget(this.#body.translated, adapter, attempt, this.#capabilities);
    return sizes?.chat(withFields(attempt, { request: chat })) ?? openaiSize(chat, attempt.model);
  }

  #chatFor(adapter: ProviderAdapter, attempt: TargetAttempt): FittedChat {
    const fitted = chatForTarget(this.#body.translated, adapter, attempt, this.#capabilities);
    return { ...fitted, dropped: reported(fitted.dropped, attempt) };
  }
}

/** A message as the provider wrote it. */
function toAnswer({ json, text, usage, characters, dropped = NONE }: TextAnswer): Answer {
  return {
    body: text,
    bodyWith: (counted) => JSON.stringify({ ...json, usage: toMessageUsage(counted) }),
    usage,
    estimatedOutput: usage ? 0 : estimateOutput(characters),
    dropped,
  };
}

const NONE: readonly string[] = [];

/** @throws {GatewayError} for the first of the names, where the operator wants such fields refused. */
function reported(dropped: readonly string[], { unsupported }: TargetAttempt): readonly string[] {
  const [param] = dropped;
  if (param !== undefined && unsupported === 'error') {
    throw new GatewayError('unsupported_parameter', { message: `The model does not support '${param}'.`, param });
  }
  return unsupported === 'warn' ? dropped : [];
}

/** The client's output limit, at most what the model can write: agents ask every model for the same high limit. */
function limitOf({ max_tokens: limit }: MessagesRequest, model: Model | undefined): number | undefined {
  if (limit === undefined || !model?.outputLimitConfigured) return limit;
  return Math.min(limit, model.maxOutputTokens);
}
