import { type StreamTranslator, truncatedAnswer } from '../http/http-provider.js';
import { type Fields, isFields } from './fields.js';
import { normalizeItem, normalizePart, normalizeResponse } from './response-schema.js';
import { readResponsesUsage } from './responses-usage.js';
import { parseChunk } from './to-chunks.js';
import type { ErrorReader } from './to-completion.js';

/** A last event holds the whole answer, and the first one all of its settings. */
const MAX_EVENT_LENGTH = 16 * 1024 * 1024;

/**
 * Relays the events of OpenAI's Responses API, numbered without gaps. The one that ends the answer is kept for last.
 *
 * Source: the OpenAI API reference, `ResponseStreamEvent`, and recorded streams.
 */
export function relayResponseEvents(toError: ErrorReader): StreamTranslator {
  let sequence = 0;
  /** Names of the functions that are called, by item, for events that lack them. */
  const names = new Map<unknown, unknown>();
  return {
    maxEventLength: MAX_EVENT_LENGTH,
    event(data, batch) {
      if (data === '[DONE]') return;
      const event = parseChunk(data);
      const { type, response } = event;
      const usage = isFields(response) ? readResponsesUsage(response) : undefined;
      if (usage) batch.usage = usage;
      if (type === 'error' || (event.error !== undefined && event.error !== null)) {
        throw toError({
          headers: {},
          text: isFields(event.error) ? data : JSON.stringify({ error: { ...event, type: undefined } }),
        });
      }
      if (type === 'response.failed') throw toError({ headers: {}, text: JSON.stringify(response ?? {}) });
      if (typeof type !== 'string') return;
      normalizeEvent(event, names);
      event.sequence_number = sequence++;
      const text = JSON.stringify(event);
      if (type !== 'response.completed' && type !== 'response.incomplete') {
        batch.chunks.push(text);
        return;
      }
      batch.usageChunk = text;
      batch.finished = true;
    },
    end() {
      throw truncatedAnswer();
    },
  };
}

function normalizeEvent(event: Fields, names: Map<unknown, unknown>): void {
  const { response, item, part } = event;
  if (isFields(response)) normalizeResponse(response);
  if (isFields(item)) {
    normalizeItem(item);
    if (item.type === 'function_call') names.set(item.id, item.name);
  }
  if (isFields(part)) normalizePart(part);
  if (event.type === 'response.output_text.delta' || event.type === 'response.output_text.done') event.logprobs ??= [];
  if (event.type === 'response.function_call_arguments.done') event.name ??= names.get(event.item_id) ?? '';
}
