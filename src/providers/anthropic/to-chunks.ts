import type { ChatChunkChoice, ChatCompletionChunk, ChatDelta } from '../../openai-api/chat-chunk.js';
import type { UpstreamError } from '../../upstream/upstream-error.js';
import type { ChatCall, StreamBatch } from '../adapter.js';
import { chatId } from '../chat-id.js';
import { invalidAnswer, type StreamTranslator, truncatedAnswer } from '../http/http-provider.js';
import { isObject, type JsonObject, type NativeEvent, stringOf } from './api.js';
import { mapStopReason, refusalText } from './map-stop-reason.js';
import { StreamedBlocks } from './streamed-blocks.js';
import { readWords } from './text-delta-fast-path.js';
import { mergeUsage, toServiceTierName, toUsage } from './to-usage.js';

/**
 * A translator for one stream of Anthropic's events.
 *
 * @param toError reads an error event's data.
 * Source: Anthropic docs, streaming messages: event flow, event types, error events; unknown events are to be ignored.
 */
export function toChunks(call: ChatCall, toError: (data: string) => UpstreamError): StreamTranslator {
  return new MessageStream(call, toError);
}

/** One stream's state; takes its events as text or as values. */
export class MessageStream implements StreamTranslator {
  readonly #call: ChatCall;
  readonly #toError: (data: string) => UpstreamError;
  readonly #blocks: StreamedBlocks;
  #nativeId: unknown;
  #head: Pick<ChatCompletionChunk, 'id' | 'object' | 'created' | 'model' | 'service_tier'> | undefined;
  #usage: JsonObject = {};
  #stopReason: unknown;
  #stopDetails: unknown;

  constructor(call: ChatCall, toError: (data: string) => UpstreamError) {
    this.#call = call;
    this.#toError = toError;
    this.#blocks = new StreamedBlocks(call.request, call.model);
  }

  event(data: string, batch: StreamBatch): void {
    if (data === '[DONE]') return;
    const words = readWords(data);
    if (words) this.#emit(this.#blocks.delta(words.index, words.delta), batch);
    else this.read(parse(data), batch, data);
  }

  /** @param data the event's text, for an error. */
  read(event: NativeEvent, batch: StreamBatch, data = ''): void {
    switch (event.type) {
      case 'message_start':
        this.#start(isObject(event.message) ? event.message : {}, batch);
        break;
      case 'content_block_start':
        this.#emit(this.#blocks.start(indexOf(event), event.content_block), batch);
        break;
      case 'content_block_delta':
        this.#emit(this.#blocks.delta(indexOf(event), event.delta), batch);
        break;
      case 'content_block_stop':
        this.#emit(this.#blocks.stop(indexOf(event)), batch);
        break;
      case 'message_delta':
        this.#messageDelta(event, batch);
        break;
      case 'message_stop':
        this.#finish(batch);
        break;
      case 'error':
        throw this.#toError(data);
      default:
    }
  }

  end(batch: StreamBatch): void {
    if (this.#stopReason === undefined) throw truncatedAnswer();
    this.#finish(batch);
  }

  /** A repeated start is ignored; one of another message, after content was sent, breaks the answer. */
  #start(message: JsonObject, batch: StreamBatch): void {
    if (this.#head !== undefined && message['id'] !== this.#nativeId && this.#blocks.hasBegun) throw truncatedAnswer();
    this.#report(message['usage'], batch);
    this.#open(message, batch);
  }

  #open(message: JsonObject, batch: StreamBatch): void {
    if (this.#head !== undefined) return;
    this.#nativeId = message['id'];
    this.#head = {
      id: chatId(stringOf(message['id']) || this.#call.requestId),
      object: 'chat.completion.chunk',
      created: Math.floor(this.#call.now() / 1000),
      model: stringOf(message['model']) || this.#call.model,
      ...toServiceTierName(this.#usage),
    };
    this.#emit([{ role: 'assistant', content: '', refusal: null }], batch);
  }

  #messageDelta(event: NativeEvent, batch: StreamBatch): void {
    const delta = isObject(event.delta) ? event.delta : {};
    this.#stopReason = delta['stop_reason'] ?? this.#stopReason;
    this.#stopDetails = delta['stop_details'] ?? this.#stopDetails;
    this.#report(event.usage, batch);
  }

  #report(reported: unknown, batch: StreamBatch): void {
    this.#usage = mergeUsage(this.#usage, reported);
    const usage = toUsage(this.#usage);
    if (usage) batch.usage = usage;
  }

  #finish(batch: StreamBatch): void {
    this.#emit(this.#blocks.finish(), batch);
    const refusal = refusalText(this.#stopReason, this.#stopDetails);
    if (refusal !== null) this.#emit([{ refusal }], batch);
    this.#emit([{}], batch, mapStopReason(this.#stopReason, this.#blocks.callForm));
    batch.finished = true;
  }

  #emit(deltas: readonly ChatDelta[], batch: StreamBatch, finish?: ReturnType<typeof mapStopReason>): void {
    if (deltas.length === 0) return;
    if (this.#head === undefined) this.#open({}, batch);
    if (this.#head === undefined) return;
    const { id, object, created, model, service_tier } = this.#head;
    for (const delta of deltas) {
      const choice: ChatChunkChoice = { index: 0, delta, logprobs: null, finish_reason: null };
      if (finish) Object.assign(choice, finish);
      const chunk: ChatCompletionChunk = { id, object, created, model, choices: [choice] };
      if (service_tier !== undefined) chunk.service_tier = service_tier;
      batch.chunks.push(chunk);
    }
  }
}

function indexOf({ index }: NativeEvent): number {
  return typeof index === 'number' ? index : -1;
}

function parse(data: string): NativeEvent {
  try {
    const event: unknown = JSON.parse(data);
    if (isObject(event)) return event;
  } catch (thrown) {
    throw invalidAnswer(thrown);
  }
  throw invalidAnswer(new Error('an event is not an object'));
}
