import { messagesErrorFrame } from '../../anthropic-api/error-body.js';
import { type MessageEvent, MessageEvents } from '../../anthropic-api/message-events.js';
import type { MessagesRequest } from '../../anthropic-api/messages-request.js';
import type { GatewayError } from '../../lib/errors.js';
import type { Usage } from '../../lib/usage.js';
import type { ChatCompletionChunk } from '../../openai-api/chat-chunk.js';
import { estimateChunk, estimateRelayedText } from '../../openai-api/relayed-output.js';
import type { Frames, OpenStream } from '../../pipeline/operation.js';
import type { StreamBatch } from '../../providers/adapter.js';

/** Every event has its `event:` line: Anthropic's clients ignore events without one. */
function framed(events: readonly MessageEvent[]): string {
  let text = '';
  for (const event of events) text += `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  return text;
}

/**
 * A stream of chat chunks as a message.
 *
 * @param input the gateway's own count of the input tokens, shown until the provider reports one.
 */
export function translatedStream(
  batches: AsyncIterable<StreamBatch>,
  request: MessagesRequest,
  requestId: string,
  input: Usage,
  dropped: readonly string[],
): OpenStream {
  const events = new MessageEvents(request, requestId);
  let usage = input;
  const encode = (batch: StreamBatch): Frames => {
    usage = batch.usage ?? usage;
    let text = '';
    let estimatedOutput = 0;
    for (const entry of batch.chunks) {
      const chunk = typeof entry === 'string' ? (JSON.parse(entry) as ChatCompletionChunk) : entry;
      text += framed(events.chunk(chunk, usage));
      estimatedOutput += estimateChunk(chunk);
    }
    return { text, usage: batch.usage, estimatedOutput };
  };
  return { batches, encode, dropped, end: (total) => framed(events.end(total)) };
}

/** A stream of Anthropic's own events, each as it came. */
export function relayedStream(batches: AsyncIterable<StreamBatch>, dropped: readonly string[]): OpenStream {
  let last = '{"type":"message_stop"}';
  const encode = (batch: StreamBatch): Frames => {
    let text = '';
    let estimatedOutput = 0;
    for (const entry of batch.chunks) {
      const data = typeof entry === 'string' ? entry : JSON.stringify(entry);
      text += relayed(data);
      if (data.startsWith(DELTA)) estimatedOutput += estimateDelta(data);
    }
    last = batch.usageChunk ?? last;
    return { text, usage: batch.usage, estimatedOutput };
  };
  return { batches, encode, dropped, end: () => relayed(last) };
}

const DELTA = '{"type":"content_block_delta"';
const TYPE = /^\{"type":\s*"(\w+)"/;

function relayed(data: string): string {
  if (data.startsWith(DELTA)) return `event: content_block_delta\ndata: ${data}\n\n`;
  const type = TYPE.exec(data)?.[1] ?? (JSON.parse(data) as { type?: string }).type ?? 'message';
  return `event: ${type}\ndata: ${data}\n\n`;
}

function estimateDelta(data: string): number {
  if (data.includes('"text_delta"')) return estimateRelayedText(data, 'text');
  if (data.includes('"thinking_delta"')) return estimateRelayedText(data, 'thinking');
  return data.includes('"input_json_delta"') ? estimateRelayedText(data, 'partial_json') : 0;
}

/** What ends a message that failed: no `message_stop`. */
export function failedMessage(error: GatewayError, requestId: string): string {
  return messagesErrorFrame(error, requestId);
}
