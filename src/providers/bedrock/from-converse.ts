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
export function converseStream(stream: MessageStream, names: ClientNames): StreamTranslator {
  /** Blocks that were begun; a text has no event for that. */
  const open = new Set<unknown>();
  let stopped = false;

  function begin(index: unknown, block: JsonObject, batch: StreamBatch): void {
    if (open.has(index)) return;
    open.add(index);
    stream.read({ type: 'content_block_start', index, content_block: block }, batch);
  }

  function delta(index: unknown, { text, toolUse, reasoningContent }: JsonObject, batch: StreamBatch): void {
    const send = (change: JsonObject) => stream.read({ type: 'content_block_delta', index, delta: change }, batch);
    if (typeof text === 'string') {
      begin(index, { type: 'text', text: '' }, batch);
      send({ type: 'text_delta', text });
    } else if (isObject(toolUse)) {
      send({ type: 'input_json_delta', partial_json: toolUse['input'] });
    } else if (isObject(reasoningContent)) {
      const { text: thinking, signature, redactedContent } = reasoningContent;
      if (redactedContent !== undefined) begin(index, { type: 'redacted_thinking', data: redactedContent }, batch);
      else begin(index, { type: 'thinking', thinking: '', signature: '' }, batch);
      if (typeof thinking === 'string') send({ type: 'thinking_delta', thinking });
      if (typeof signature === 'string') send({ type: 'signature_delta', signature });
    }
  }

  return {
    event(data, batch, name) {
      const event = parse(data);
      const index = event['contentBlockIndex'];
      switch (name) {
        case 'messageStart':
          stream.read({ type: 'message_start', message: {} }, batch);
          break;
        case 'contentBlockStart': {
          const start = isObject(event['start']) ? event['start'] : {};
          const tool = start['toolUse'];
          if (!isObject(tool)) break;
          const { toolUseId: id, name: native } = tool;
          begin(index, { type: 'tool_use', id, name: names.get(native) ?? native, input: {} }, batch);
          break;
        }
        case 'contentBlockDelta':
          delta(index, isObject(event['delta']) ? event['delta'] : {}, batch);
          break;
        case 'contentBlockStop':
          stream.read({ type: 'content_block_stop', index }, batch);
          break;
        case 'messageStop':
          stopped = true;
          stream.read({ type: 'message_delta', delta: { stop_reason: event['stopReason'] } }, batch);
          break;
        case 'metadata':
          stream.read({ type: 'message_delta', delta: {}, usage: toUsage(event['usage']) }, batch);
          if (stopped) stream.read({ type: 'message_stop' }, batch);
          break;
        default:
      }
    },
    end(batch) {
      if (!stopped) throw truncatedAnswer();
      stream.end(batch);
    },
  };
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
