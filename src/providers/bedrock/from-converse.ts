import type { StreamBatch } from '../adapter.js';
import { isObject, type JsonObject, stringOf } from '../anthropic/api.js';
import type { MessageStream } from '../anthropic/to-chunks.js';
import { invalidAnswer, type StreamTranslator, truncatedAnswer } from '../http/http-provider.js';

/** The client's own names of tools by those of Converse, for names that were changed. */
export type ClientNames = ReadonlyMap<unknown, string>;

/** A Converse answer as a message of Anthropic's. @throws {UpstreamError} `invalid` when it is malformed. */
export function toMessage(json: unknown, names: ClientNames): JsonObject {
  const output = isObject(json) ? json['output'] : undefined;
  const message = isObject(output) ? output['message'] : undefined;
  if (!isObject(json) || !isObject(message)) throw invalidAnswer(new Error('no message'));
  const content = Array.isArray(message['content']) ? message['content'] : [];
  return {
    type: 'message',
    content: content.flatMap((block) => (isObject(block) ? toBlocks(block, names) : [])),
    stop_reason: json['stopReason'],
    usage: toUsage(json['usage']),
  };
}

function toBlocks({ text, toolUse, reasoningContent, citationsContent }: JsonObject, names: ClientNames): JsonObject[] {
  if (typeof text === 'string') return [{ type: 'text', text }];
  if (isObject(toolUse)) {
    const { toolUseId: id, name, input } = toolUse;
    return [{ type: 'tool_use', id, name: names.get(name) ?? name, input }];
  }
  if (isObject(reasoningContent)) return [toThinking(reasoningContent)];
  if (isObject(citationsContent) && Array.isArray(citationsContent['content'])) {
    return citationsContent['content'].flatMap((part) => (isObject(part) ? toBlocks(part, names) : []));
  }
  return [];
}

function toThinking({ reasoningText, redactedContent }: JsonObject): JsonObject {
  if (!isObject(reasoningText)) return { type: 'redacted_thinking', data: redactedContent };
  return {
    type: 'thinking',
    thinking: stringOf(reasoningText['text']),
    signature: stringOf(reasoningText['signature']),
  };
}

/** Its input tokens exclude the cache, as Anthropic's do. Source: AWS, Amazon Bedrock API reference, `TokenUsage`. */
export function toUsage(usage: unknown): JsonObject {
  if (!isObject(usage)) return {};
  const details = Array.isArray(usage['cacheDetails']) ? usage['cacheDetails'] : [];
  const hour = details.find((detail) => isObject(detail) && detail['ttl'] === '1h');
  return {
    input_tokens: usage['inputTokens'],
    output_tokens: usage['outputTokens'],
    cache_read_input_tokens: usage['cacheReadInputTokens'],
    cache_creation_input_tokens: usage['cacheWriteInputTokens'],
    ...(isObject(hour) && { cache_creation: { ephemeral_1h_input_tokens: hour['inputTokens'] } }),
  };
}

/** Reads the events of `ConverseStream` as those of Anthropic's. The last one is the report of what was used. */
export class ConverseStream implements StreamTranslator {
  readonly #stream: MessageStream;
  readonly #names: ClientNames;
  /** Blocks that were begun; a text has no event for that. */
  readonly #open = new Set<unknown>();
  #stopped = false;

  constructor(stream: MessageStream, names: ClientNames) {
    this.#stream = stream;
    this.#names = names;
  }

  event(data: string, batch: StreamBatch, name: string | undefined): void {
    const event = parse(data);
    const index = event['contentBlockIndex'];
    switch (name) {
      case 'messageStart':
        this.#stream.read({ type: 'message_start', message: {} }, batch);
        break;
      case 'contentBlockStart':
        this.#startTool(index, event['start'], batch);
        break;
      case 'contentBlockDelta':
        this.#delta(index, isObject(event['delta']) ? event['delta'] : {}, batch);
        break;
      case 'contentBlockStop':
        this.#stream.read({ type: 'content_block_stop', index }, batch);
        break;
      case 'messageStop':
        this.#stopped = true;
        this.#stream.read({ type: 'message_delta', delta: { stop_reason: event['stopReason'] } }, batch);
        break;
      case 'metadata':
        this.#stream.read({ type: 'message_delta', delta: {}, usage: toUsage(event['usage']) }, batch);
        if (this.#stopped) this.#stream.read({ type: 'message_stop' }, batch);
        break;
      default:
    }
  }

  end(batch: StreamBatch): void {
    if (!this.#stopped) throw truncatedAnswer();
    this.#stream.end(batch);
  }

  #startTool(index: unknown, start: unknown, batch: StreamBatch): void {
    const tool = isObject(start) ? start['toolUse'] : undefined;
    if (!isObject(tool)) return;
    const { toolUseId: id, name } = tool;
    this.#begin(index, { type: 'tool_use', id, name: this.#names.get(name) ?? name, input: {} }, batch);
  }

  #begin(index: unknown, block: JsonObject, batch: StreamBatch): void {
    if (this.#open.has(index)) return;
    this.#open.add(index);
    this.#stream.read({ type: 'content_block_start', index, content_block: block }, batch);
  }

  #delta(index: unknown, { text, toolUse, reasoningContent }: JsonObject, batch: StreamBatch): void {
    if (typeof text === 'string') {
      this.#begin(index, { type: 'text', text: '' }, batch);
      this.#send(index, { type: 'text_delta', text }, batch);
    } else if (isObject(toolUse)) {
      this.#send(index, { type: 'input_json_delta', partial_json: toolUse['input'] }, batch);
    } else if (isObject(reasoningContent)) {
      const { text: thinking, signature, redactedContent } = reasoningContent;
      if (redactedContent !== undefined) {
        this.#begin(index, { type: 'redacted_thinking', data: redactedContent }, batch);
      } else this.#begin(index, { type: 'thinking', thinking: '', signature: '' }, batch);
      if (typeof thinking === 'string') this.#send(index, { type: 'thinking_delta', thinking }, batch);
      if (typeof signature === 'string') this.#send(index, { type: 'signature_delta', signature }, batch);
    }
  }

  #send(index: unknown, delta: JsonObject, batch: StreamBatch): void {
    this.#stream.read({ type: 'content_block_delta', index, delta }, batch);
  }
}

function parse(data: string): JsonObject {
  try {
    const event: unknown = JSON.parse(data);
    if (isObject(event)) return event;
  } catch (thrown) {
    throw invalidAnswer(thrown);
  }
  throw invalidAnswer(new Error('an event is not an object'));
}
