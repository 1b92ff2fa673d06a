import type { Capabilities } from '../../catalog/capabilities.js';
import { toUsageMetadata } from '../../gemini-api/answer.js';
import { AnswerParts, fromChatCompletion } from '../../gemini-api/answer-parts.js';
import type { GenerateContentBody } from '../../gemini-api/generate-content-request.js';
import { parseGenerateContent } from '../../gemini-api/parse-generate-content.js';
import { geminiSize, isPlainContents } from '../../gemini-api/size.js';
import type { ChatForm } from '../../gemini-api/to-chat-request.js';
import type { ParsedBody } from '../../json/parsed-body.js';
import { GatewayError } from '../../lib/errors.js';
import { NO_USAGE, type Usage } from '../../lib/usage.js';
import { withFields } from '../../lib/with-fields.js';
import { modelName } from '../../openai-api/field-checks.js';
import { estimateOutput } from '../../openai-api/input-size.js';
import { estimateCompletion } from '../../openai-api/relayed-output.js';
import type { Answer, InputSize, MeasureSent, OpenStream, Operation, TargetAttempt } from '../../pipeline/operation.js';
import type { RoutedRequest } from '../../pipeline/route.js';
import type { Attempt, ProviderAdapter } from '../../providers/adapter.js';
import type { SentSize } from '../../providers/sent-size.js';
import { openaiSize } from '../../providers/sizing.js';
import { chatForTarget } from './chat-for-target.js';
import { inGeminiTerms, originOf } from './field-origins.js';
import { GeminiFrames, relayedStream, translatedStream } from './gemini-stream.js';

/**
 * `POST /models/{model}:generateContent`: makes an operation of its body. Providers that have this route answer it; for the
 * others the request becomes a chat request, and the chat answer one of Gemini's.
 *
 * @throws {GatewayError} that names the wrong field.
 */
export function readGenerateContent(parsed: ParsedBody, asked: RoutedRequest): Operation {
  return new GenerateContentOperation(readGeminiBody(parsed), parsed.size, asked, undefined);
}

/** `POST /models/{model}:streamGenerateContent`: events with `?alt=sse`, else a JSON array. */
export function readStreamGenerateContent(parsed: ParsedBody, asked: RoutedRequest): Operation {
  const query = new URLSearchParams(asked.request.path.split('?')[1] ?? '');
  const frames = new GeminiFrames(query.get('alt') === 'sse' ? 'sse' : 'json');
  return new GenerateContentOperation(readGeminiBody(parsed), parsed.size, asked, frames);
}

/** A checked body; the client's bytes only where their names are those of `value`. */
function readGeminiBody(parsed: ParsedBody): GenerateContentBody {
  const { value } = parsed.whole();
  const request = parseGenerateContent(value);
  return new GeminiBody(request, (request as unknown) === value ? parsed : undefined);
}

class GeminiBody implements GenerateContentBody {
  readonly value: GenerateContentBody['value'];
  readonly #relayed: ParsedBody | undefined;

  constructor(value: GenerateContentBody['value'], relayed: ParsedBody | undefined) {
    this.value = value;
    this.#relayed = relayed;
  }

  get bytes(): Uint8Array | undefined {
    return this.#relayed?.relayed;
  }
}

/** The model of the path, with or without its collection. @throws {GatewayError} for a text that is too long for one. */
export function modelOf({ params }: RoutedRequest): string {
  const model = (params['model'] ?? '').replace(/^models\//, '');
  modelName(model, 'model');
  return model;
}

class GenerateContentOperation implements Operation {
  readonly route = 'generateContent';
  readonly model: string;
  readonly stream: boolean;
  readonly input: InputSize;
  readonly output: Operation['output'];
  readonly stickyKey = undefined;
  readonly sentSize: Operation['sentSize'];
  readonly #body: GenerateContentBody;
  readonly #frames: GeminiFrames;
  readonly #capabilities: Capabilities;

  constructor(body: GenerateContentBody, size: number, asked: RoutedRequest, frames: GeminiFrames | undefined) {
    const { value } = body;
    const { candidateCount: choices = 1, maxOutputTokens: limit } = value.generationConfig ?? {};
    this.#body = body;
    this.#frames = frames ?? new GeminiFrames('sse');
    this.model = modelOf(asked);
    const model = asked.principal.catalog.models.get(this.model);
    this.#capabilities = model?.capabilities ?? {};
    this.stream = frames !== undefined;
    this.input = geminiSize(size, value);
    const most = model?.outputLimitConfigured ? model.maxOutputTokens : Number.MAX_SAFE_INTEGER;
    this.output = { choices, limit: limit === undefined ? undefined : Math.min(limit, most) };
    const measure: MeasureSent = (adapter, attempt) => this.#sentSize(adapter, attempt);
    this.sentSize = isPlainContents(value) ? undefined : measure;
  }

  get streamType(): string {
    return this.#frames.type ?? 'text/event-stream; charset=utf-8';
  }

  fits(): boolean {
    return true;
  }

  async call(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<Answer> {
    const native = adapter.routes?.generateContent;
    if (native) {
      const { json, text, usage, characters, dropped = [] } = await native.answer(attempt.routeCall(this.#body));
      const bodyWith = (counted: Usage) => JSON.stringify({ ...json, usageMetadata: toUsageMetadata(counted) });
      return { body: text, bodyWith, usage, estimatedOutput: usage ? 0 : estimateOutput(characters), dropped };
    }
    const form = this.#chatFor(adapter, attempt);
    const call = attempt.routeCall(form.chat);
    const { completion, usage, dropped = [] } = await inGeminiTerms(() => adapter.chat(call));
    const estimatedOutput = usage ? 0 : estimateCompletion(completion);
    const answer = fromChatCompletion(completion, usage ?? NO_USAGE, this.#body.value, attempt.requestId);
    const bodyWith = (counted: Usage) => JSON.stringify({ ...answer, usageMetadata: toUsageMetadata(counted) });
    const all = [...form.dropped, ...dropped.map(originOf)];
    return { body: JSON.stringify(answer), bodyWith, usage, estimatedOutput, dropped: all };
  }

  async open(adapter: ProviderAdapter, attempt: TargetAttempt): Promise<OpenStream> {
    const native = adapter.routes?.generateContent;
    if (native) {
      const { batches, dropped = [] } = await native.stream(attempt.routeCall(this.#body));
      return relayedStream(batches, this.#frames, dropped);
    }
    const form = this.#chatFor(adapter, attempt);
    const call = attempt.routeCall(form.chat);
    const { batches, dropped = [] } = await inGeminiTerms(() => adapter.stream(call));
    const parts = new AnswerParts(this.#body.value, this.model, attempt.requestId);
    return translatedStream(batches, parts, this.#frames, [...form.dropped, ...dropped.map(originOf)]);
  }

  fail(error: GatewayError): string {
    return this.#frames.fail(error);
  }

  #sentSize(adapter: ProviderAdapter, attempt: Attempt): SentSize {
    const { routes, sizes } = adapter;
    if (routes?.generateContent && sizes?.generateContent) {
      return sizes.generateContent(withFields(attempt, { request: this.#body }));
    }
    const { chat } = this.#translated(adapter, attempt);
    return sizes?.chat(withFields(attempt, { request: chat })) ?? openaiSize(chat, attempt.model);
  }

  #translated(adapter: ProviderAdapter, { model }: Pick<Attempt, 'model'>): ChatForm {
    return chatForTarget(this.#body.value, this.model, this.stream, adapter, model, this.#capabilities);
  }

  /** @throws {GatewayError} for the first field that has no effect, where the operator wants such fields refused. */
  #chatFor(adapter: ProviderAdapter, attempt: TargetAttempt): ChatForm {
    const form = this.#translated(adapter, attempt);
    const [param] = form.dropped;
    if (param !== undefined && attempt.unsupported === 'error') {
      throw new GatewayError('unsupported_parameter', { message: `The model does not support '${param}'.`, param });
    }
    return attempt.unsupported === 'warn' ? form : { ...form, dropped: [] };
  }
}
