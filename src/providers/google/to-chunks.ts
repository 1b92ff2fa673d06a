import type { ChatChunkChoice, ChatCompletionChunk, ChatDelta } from '../../openai-api/chat-chunk.js';
import type { FinishReason } from '../../openai-api/chat-completion.js';
import type { ChatCall, StreamBatch } from '../adapter.js';
import { chatId } from '../chat-id.js';
import { invalidAnswer, type StreamTranslator, truncatedAnswer } from '../http/http-provider.js';
import { type AnswerReader, asResponse, type Emission } from './answer-reader.js';
import { readTextDelta } from './text-delta-fast-path.js';
import { type AnswerContext, newReader } from './to-completion.js';
import type { ChoiceLogprobs } from './to-logprobs.js';

/** A picture comes in one event. */
const MAX_EVENT_LENGTH = 32 * 1024 * 1024;

/**
 * A translator for one `streamGenerateContent` stream.
 *
 * Nothing is emitted before the answer says something, so that a model which fails at once can still be asked again.
 * The stream has no terminal event: events may follow the finish reason, and its end is the end of the connection.
 */
export function toChunks(call: ChatCall, context: AnswerContext): StreamTranslator {
  return new ContentStream(call, context);
}

/** One stream's state. */
class ContentStream implements StreamTranslator {
  readonly maxEventLength = MAX_EVENT_LENGTH;
  readonly #call: ChatCall;
  readonly #context: AnswerContext;
  readonly #reader: AnswerReader;
  #head: Pick<ChatCompletionChunk, 'id' | 'object' | 'created' | 'model'> | undefined;

  constructor(call: ChatCall, context: AnswerContext) {
    this.#call = call;
    this.#context = context;
    this.#reader = newReader(call, context);
  }

  event(data: string, batch: StreamBatch): void {
    const value = readTextDelta(data) ?? parseEvent(data);
    if (Array.isArray(value)) for (const one of value) this.#read(one, data, batch);
    else this.#read(value, data, batch);
    const { usage } = this.#reader;
    if (usage && this.#head !== undefined) batch.usage = usage;
  }

  end(batch: StreamBatch): void {
    const reader = this.#reader;
    if (!reader.isComplete) throw truncatedAnswer();
    const ending = reader.end();
    this.#emit(batch, ending.emissions);
    batch.chunks.push(this.#chunk({}, null, { reason: ending.finishReason, native: ending.nativeFinishReason }));
    const { usage } = reader;
    if (usage) batch.usage = usage;
    batch.finished = true;
  }

  #read(value: unknown, data: string, batch: StreamBatch): void {
    const response = asResponse(value);
    if (response.error !== undefined) throw this.#context.toError({ headers: {}, text: data });
    this.#emit(batch, this.#reader.read(response));
  }

  #emit(batch: StreamBatch, emissions: readonly Emission[]): void {
    for (const { delta, logprobs } of emissions) {
      if (this.#head === undefined) {
        const content = delta.content === undefined ? null : '';
        batch.chunks.push(this.#chunk({ role: 'assistant', content, refusal: null }));
      }
      batch.chunks.push(this.#chunk(delta, logprobs));
    }
  }

  #chunk(
    delta: ChatDelta,
    logprobs: ChoiceLogprobs | null = null,
    finish: { reason: FinishReason; native?: string | undefined } | undefined = undefined,
  ): ChatCompletionChunk {
    const reader = this.#reader;
    this.#head ??= {
      id: chatId(reader.id ?? this.#context.randomId()),
      object: 'chat.completion.chunk',
      created: reader.created ?? Math.floor(this.#call.now() / 1_000),
      model: reader.model ?? this.#call.model,
    };
    const choice: ChatChunkChoice = { index: 0, delta, logprobs, finish_reason: finish?.reason ?? null };
    if (finish?.native !== undefined) choice.native_finish_reason = finish.native;
    const { id, object, created, model } = this.#head;
    const made: ChatCompletionChunk = { id, object, created, model, choices: [choice] };
    if (reader.serviceTier !== undefined) made.service_tier = reader.serviceTier;
    return made;
  }
}

function parseEvent(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (thrown) {
    if (data.trim() === '[DONE]') return [];
    throw invalidAnswer(thrown);
  }
}
