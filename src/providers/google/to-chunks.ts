import type { ChatChunkChoice, ChatCompletionChunk, ChatDelta } from '../../openai-api/chat-chunk.js';
import type { FinishReason } from '../../openai-api/chat-completion.js';
import type { ChatCall, StreamBatch } from '../adapter.js';
import { chatId } from '../chat-id.js';
import { invalidAnswer, type StreamTranslator, truncatedAnswer } from '../http/http-provider.js';
import { asResponse, type Emission } from './answer-reader.js';
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
  const reader = newReader(call, context);
  let head: Pick<ChatCompletionChunk, 'id' | 'object' | 'created' | 'model'> | undefined;

  function chunk(
    delta: ChatDelta,
    logprobs: ChoiceLogprobs | null = null,
    finish: { reason: FinishReason; native?: string | undefined } | undefined = undefined,
  ): ChatCompletionChunk {
    head ??= {
      id: chatId(reader.id ?? context.randomId()),
      object: 'chat.completion.chunk',
      created: reader.created ?? Math.floor(call.now() / 1_000),
      model: reader.model ?? call.model,
    };
    const choice: ChatChunkChoice = { index: 0, delta, logprobs, finish_reason: finish?.reason ?? null };
    if (finish?.native !== undefined) choice.native_finish_reason = finish.native;
    const { id, object, created, model } = head;
    const made: ChatCompletionChunk = { id, object, created, model, choices: [choice] };
    if (reader.serviceTier !== undefined) made.service_tier = reader.serviceTier;
    return made;
  }

  function emit(batch: StreamBatch, emissions: readonly Emission[]): void {
    for (const { delta, logprobs } of emissions) {
      if (head === undefined) {
        const content = delta.content === undefined ? null : '';
        batch.chunks.push(chunk({ role: 'assistant', content, refusal: null }));
      }
      batch.chunks.push(chunk(delta, logprobs));
    }
  }

  function read(value: unknown, data: string, batch: StreamBatch): void {
    const response = asResponse(value);
    if (response.error !== undefined) throw context.toError({ headers: {}, text: data });
    emit(batch, reader.read(response));
  }

  return {
    maxEventLength: MAX_EVENT_LENGTH,

    event(data, batch) {
      const value = readTextDelta(data) ?? parseEvent(data);
      if (Array.isArray(value)) for (const one of value) read(one, data, batch);
      else read(value, data, batch);
      const { usage } = reader;
      if (usage && head !== undefined) batch.usage = usage;
    },

    end(batch) {
      if (!reader.isComplete) throw truncatedAnswer();
      const ending = reader.end();
      emit(batch, ending.emissions);
      batch.chunks.push(chunk({}, null, { reason: ending.finishReason, native: ending.nativeFinishReason }));
      const { usage } = reader;
      if (usage) batch.usage = usage;
      batch.finished = true;
    },
  };
}

function parseEvent(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (thrown) {
    if (data.trim() === '[DONE]') return [];
    throw invalidAnswer(thrown);
  }
}
