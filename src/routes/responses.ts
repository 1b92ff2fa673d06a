import type { ParsedBody } from '../json/parsed-body.js';
import { GatewayError } from '../lib/errors.js';
import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { NO_USAGE, type Usage } from '../lib/usage.js';
import { withFields } from '../lib/with-fields.js';
import { checkAnswerSize } from '../openai-api/answer-size.js';
import { countedSize, estimateOutput, inputSize, instructionTokens } from '../openai-api/input-size.js';
import { isPlainResponse } from '../openai-api/plain-text.js';
import { estimateCompletion } from '../openai-api/relayed-output.js';
import { answeredItems, areItemsAnswered } from '../openai-api/responses/answered-items.js';
import { clientToolsOnly } from '../openai-api/responses/client-tools.js';
import {
  ASKING_BYTES,
  endsWithTrigger,
  summaryRequest,
  withReadableCompactions,
} from '../openai-api/responses/compaction.js';
import { fromChatCompletion } from '../openai-api/responses/from-chat-completion.js';
import { type ParsedResponsesRequest, parseResponsesRequest } from '../openai-api/responses/parse-responses-request.js';
import { toResponsesUsage } from '../openai-api/responses/response.js';
import type { InputPart, ResponsesRequest } from '../openai-api/responses/responses-request.js';
import { type ChatForm, originOf, toChatRequest, unknownFields } from '../openai-api/responses/to-chat-request.js';
import { toPart } from '../openai-api/responses/to-messages.js';
import type { Answer, InputSize, MeasureSent, OpenStream, Operation, TargetAttempt } from '../pipeline/operation.js';
import type { RoutedRequest } from '../pipeline/route.js';
import type { Runtime } from '../pipeline/runtime.js';
import type { Attempt, ProviderAdapter, Recollection } from '../providers/adapter.js';
import type { SentSize } from '../providers/sent-size.js';
import { openaiSize } from '../providers/sizing.js';
import { inClientTerms } from './client-terms.js';
import { type CompactionForm, CompactionOperation } from './compaction.js';
import { keepItems, resolveItems } from './recent-items.js';
import { type Remember, ResponseStream } from './response-stream.js';
import { asksForCost, withCost, withoutUsageOption } from './usage-option.js';

/**
 * `POST /responses`: makes an operation of its body. Providers that have this route answer it; for the others the request
 * becomes a chat request, and the chat answer a response.
 *
 * @throws {GatewayError} that names the wrong field.
 */
export function readResponses(body: ParsedBody, asked: RoutedRequest): MaybePromise<Operation> {
  const given = parseResponsesRequest(body.value);
  const parsed = withoutUsageOption(given);
  return andThen(resolved(parsed, body, asked), (request) => {
    if (endsWithTrigger(request.asSent)) return compaction(request, 'response', asked);
    const { readable, size } = request;
    return new ResponsesOperation(readable, { size, includeCost: asksForCost(given), runtime: asked.runtime });
  });
}

/** `POST /responses/compact`: a conversation made short. @throws {GatewayError} that names the wrong field. */
export function readCompaction(body: ParsedBody, asked: RoutedRequest): MaybePromise<Operation> {
  const parsed = parseResponsesRequest(body.value);
  return andThen(resolved(parsed, body, asked), (request) => compaction(request, 'compact', asked));
}

/** A request whose items are all there. */
interface ResolvedRequest {
  readonly asSent: ResponsesRequest;
  /** The same with summaries in place of what only the gateway can read. */
  readonly readable: ResponsesRequest;
  /** Bytes of the body, where `readable` is what the body says. */
  readonly size: number | undefined;
}

function resolved(
  parsed: ParsedResponsesRequest,
  body: ParsedBody,
  { principal, runtime }: RoutedRequest,
): MaybePromise<ResolvedRequest> {
  return andThen(resolveItems(runtime.keptItems, principal.account.id, parsed), (asSent) => {
    const readable = withReadableCompactions(asSent);
    return { asSent, readable, size: readable === parsed ? body.size : undefined };
  });
}

function compaction(
  { asSent, readable, size }: ResolvedRequest,
  form: CompactionForm,
  { runtime }: RoutedRequest,
): Operation {
  const bytes = size === undefined ? undefined : size + ASKING_BYTES;
  const summary = new ResponsesOperation(summaryRequest(readable), { size: bytes, runtime });
  return new CompactionOperation(asSent, summary, form);
}

interface ResponsesOptions {
  /** Bytes of the body, where the request is what the body says. */
  readonly size?: number | undefined;
  /** True: the answer says what it cost. @default false */
  readonly includeCost?: boolean;
  readonly runtime: Runtime;
}

class ResponsesOperation implements Operation {
  readonly route = 'responses';
  readonly model: string;
  readonly stream: boolean;
  readonly input: InputSize;
  readonly output: Operation['output'];
  readonly stickyKey: string | undefined;
  readonly endUser: string | undefined;
  readonly sentSize: Operation['sentSize'];
  readonly recalledSize: Operation['recalledSize'];
  readonly #request: ResponsesRequest;
  readonly #runtime: Runtime;
  readonly #includeCost: boolean;
  #translated: ChatForm | undefined;
  #stream: ResponseStream;

  constructor(request: ResponsesRequest, { size, includeCost = false, runtime }: ResponsesOptions) {
    this.#request = request;
    this.#includeCost = includeCost;
    this.#runtime = runtime;
    this.model = request.model;
    this.stream = request.stream === true;
    this.input = this.#counted() ?? sizeOf(request, size);
    this.output = { choices: 1, limit: request.max_output_tokens };
    checkAnswerSize(1, request.max_output_tokens, request.top_logprobs ?? 0, 'event');
    this.endUser = request.safety_identifier ?? request.user;
    this.stickyKey = request.prompt_cache_key ?? this.endUser;
    this.#stream = new ResponseStream(request, '');
    const isText = isPlainResponse(request) && areItemsAnswered(request);
    const measure: MeasureSent = (adapter, attempt) => this.#sentSize(adapter, attempt);
    this.sentSize = isText ? undefined : measure;
    this.recalledSize = isText && hasCalls(request) ? measure : undefined;
  }

  #sentSize({ routes, sizes }: ProviderAdapter, attempt: Attempt): SentSize {
    if (routes?.responses) {
      const { tools, input } = attempt.providerTools ? this.#request : clientToolsOnly(this.#request);
      const items = Array.isArray(input) ? answeredItems(input, () => {}) : input;
      const request = { ...this.#request, input: items, ...(tools && { tools }) };
      if (!tools) delete request.tools;
      return sizes?.responses?.(withFields(attempt, { request })) ?? openaiSize(request, attempt.model);
    }
    const { chat } = this.#asChat();
    return sizes?.chat(withFields(attempt, { request: chat })) ?? openaiSize(chat, attempt.model);
  }

  /** The chat request that asks the same. @throws {GatewayError} when it can't be one. */
  #asChat(): ChatForm {
    return (this.#translated ??= toChatRequest(this.#request));
  }

  /** Exactly counted where the operator provides a counter and chat has a form for the request. */
  #counted(): InputSize | undefined {
    if (!this.#runtime.countTokens) return undefined;
    try {
      return countedSize(this.#runtime.countTokens(this.#asChat().chat));
    } catch (thrown) {
      if (GatewayError.isInstance(thrown)) return undefined;
      throw thrown;
    }
  }

  /** Items carry what is wanted back; a client may have sent the calls alone. */
  recall(adapter: ProviderAdapter, recollection: Recollection): Promise<void> | undefined {
    if (!adapter.recall || adapter.routes?.responses) return undefined;
    try {
      return adapter.recall(this.#asChat().chat, recollection);
    } catch (thrown) {
      // What can't be asked there is refused when it is sent.
      if (GatewayError.isInstance(thrown)) return undefined;
      throw thrown;
    }
  }

  fits(): boolean {
    return true;
  }

  call(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<Answer> {
    return adapter.routes?.responses ? this.#relay(adapter, attempt) : this.#translate(adapter, attempt);
  }

  async #relay({ routes }: ProviderAdapter, attempt: TargetAttempt): Promise<Answer> {
    const native = routes?.responses;
    if (!native) throw new Error('a target that does not fit');
    const { json, text, usage, characters, dropped = [] } = await native.answer(attempt.routeCall(this.#request));
    this.#remember(attempt, json['output']);
    const bodyWith = (counted: Usage) => JSON.stringify({ ...json, usage: toResponsesUsage(counted) });
    const estimatedOutput = usage ? 0 : estimateOutput(characters);
    return { body: text, bodyWith, withCost: this.#withCost, usage, estimatedOutput, dropped };
  }

  async #translate(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<Answer> {
    const { chat, names, dropped: before } = this.#asChat();
    const reported = this.#reported(attempt, before);
    const call = attempt.routeCall(chat);
    const { completion, usage, dropped = [] } = await inResponseTerms(() => adapter.chat(call));
    const estimatedOutput = usage ? 0 : estimateCompletion(completion);
    const form = fromChatCompletion(completion, usage ?? NO_USAGE, this.#request, attempt.requestId, names);
    const { response, items, unseen } = form;
    this.#remember(attempt, items, unseen);
    const bodyWith = (counted: Usage) => JSON.stringify({ ...response, usage: toResponsesUsage(counted) });
    const all = [...reported, ...dropped.map(originOf)];
    const whole = JSON.stringify(response);
    return { body: whole, bodyWith, withCost: this.#withCost, usage, estimatedOutput, dropped: all };
  }

  get #withCost(): Answer['withCost'] {
    return this.#includeCost ? withCost : undefined;
  }

  async open(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<OpenStream> {
    const remember: Remember = (output, unseen) => this.#remember(attempt, output, unseen);
    const native = adapter.routes?.responses;
    if (native) {
      this.#stream = new ResponseStream(this.#request, attempt.requestId, { includeCost: this.#includeCost });
      const { batches, dropped } = await native.stream(attempt.routeCall(this.#request));
      return this.#stream.relay(batches, dropped ?? [], remember);
    }
    const { chat, names, dropped: before } = this.#asChat();
    this.#stream = new ResponseStream(this.#request, attempt.requestId, { names, includeCost: this.#includeCost });
    const reported = this.#reported(attempt, before);
    const call = attempt.routeCall(chat);
    const { batches, dropped = [] } = await inResponseTerms(() => adapter.stream(call));
    return this.#stream.translate(batches, [...reported, ...dropped.map(originOf)], remember);
  }

  fail(error: GatewayError): string {
    return this.#stream.fail(error);
  }

  /** A client that says `store: false` sends everything itself. */
  #remember(attempt: TargetAttempt, output: unknown, unseen?: unknown): void {
    if (this.#request.store === false || !Array.isArray(output)) return;
    keepItems((id, value) => attempt.keep(id, value), output, unseen);
  }

  /** @throws {GatewayError} for unknown fields and what chat has no form for, where the operator wants such refused. */
  #reported({ unsupported }: TargetAttempt, paths: readonly string[]): string[] {
    const names = [...unknownFields(this.#request), ...paths];
    const [param] = names;
    if (param !== undefined && unsupported === 'error') {
      throw new GatewayError('unsupported_parameter', { message: `'${param}' is not supported.`, param });
    }
    return unsupported === 'warn' ? names : [];
  }
}

/** The size of a request: media count by their kind, everything else by its bytes. */
function sizeOf(request: ResponsesRequest, size: number | undefined): InputSize {
  const bytes = size ?? new TextEncoder().encode(JSON.stringify(request)).byteLength;
  const items = Array.isArray(request.input) ? request.input : [];
  const messages = items.map((item) => ({ content: mediaOf(item['content'] ?? item['output']) }));
  const added = instructionTokens(request.tools, request.text?.format, hasCalls(request));
  return inputSize(bytes, messages, added);
}

function hasCalls({ input }: ResponsesRequest): boolean {
  return Array.isArray(input) && input.some(({ type }) => type === 'function_call' || type === 'custom_tool_call');
}

function mediaOf(content: unknown): unknown[] {
  if (!Array.isArray(content)) return [];
  return (content as InputPart[]).filter(isMedia).map((part) => toPart(part, ''));
}

function isMedia(part: InputPart): boolean {
  if (part.type === 'input_image') return typeof part.image_url === 'string';
  return part.type === 'input_file' || part.type === 'input_audio';
}

/** Translates errors of adapters, which name fields of the chat request, to the client's fields. */
function inResponseTerms<T>(work: () => Promise<T>): Promise<T> {
  return inClientTerms(work, originOf);
}
