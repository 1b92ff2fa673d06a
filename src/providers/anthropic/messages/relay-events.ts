import type { UpstreamError } from '../../../upstream/upstream-error.js';
import type { StreamBatch } from '../../adapter.js';
import { invalidAnswer, type StreamTranslator, truncatedAnswer } from '../../http/http-provider.js';
import { isObject, type JsonObject, type NativeEvent } from '../api.js';
import { mergeUsage, toUsage } from '../to-usage.js';

/** How most events begin. They hold neither usage nor an end, and are passed on unread. */
const DELTA = '{"type":"content_block_delta"';
const STOP = '{"type":"message_stop"}';

/**
 * Relays the events of one stream as they came; `message_stop` is kept for last.
 *
 * @param toError reads an error event's data.
 */
export function relayEvents(toError: (data: string) => UpstreamError): StreamTranslator {
  let usage: JsonObject = {};
  let complete = false;

  function report(reported: unknown, batch: StreamBatch): void {
    usage = mergeUsage(usage, reported);
    const known = toUsage(usage);
    if (known) batch.usage = known;
  }

  function finish(data: string, batch: StreamBatch): void {
    batch.usageChunk = data;
    batch.finished = true;
  }

  return {
    event(data, batch) {
      if (data.startsWith(DELTA)) {
        batch.chunks.push(data);
        return;
      }
      if (data === '[DONE]') return;
      const event = parse(data);
      if (event.type === 'error') throw toError(data);
      if (event.type === 'message_stop') return finish(data, batch);
      if (event.type === 'message_start') report(isObject(event.message) ? event.message['usage'] : undefined, batch);
      if (event.type === 'message_delta') {
        complete ||= isObject(event.delta) && typeof event.delta['stop_reason'] === 'string';
        report(event.usage, batch);
      }
      if (typeof event.type === 'string') batch.chunks.push(data);
    },
    end(batch) {
      if (!complete) throw truncatedAnswer();
      finish(STOP, batch);
    },
  };
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
