import type { UpstreamError } from '../../../upstream/upstream-error.js';
import type { StreamBatch } from '../../adapter.js';
import { invalidAnswer, type StreamTranslator, truncatedAnswer } from '../../http/http-provider.js';
import type { GenerateContentResponse, GroundingMetadata } from '../api.js';
import { groundingOf, noCounts, toUsage, updateCounts } from '../to-usage.js';

const MAX_EVENT_LENGTH = 32 * 1024 * 1024;

/**
 * Relays the events of one `streamGenerateContent` stream as they came. The stream has no event that marks its end: the one
 * with the finish reason is kept until it is known whether others follow.
 *
 * @param toError reads an error event's data.
 */
export function relayEvents(toError: (data: string) => UpstreamError): StreamTranslator {
  const counts = noCounts();
  let held: string | undefined;
  let grounding: GroundingMetadata | undefined;
  return {
    maxEventLength: MAX_EVENT_LENGTH,
    event(data, batch: StreamBatch) {
      const event = parse(data);
      if (event.error !== undefined) throw toError(data);
      if (held !== undefined) batch.chunks.push(held);
      held = undefined;
      if (event.usageMetadata) updateCounts(counts, event.usageMetadata);
      grounding = groundingOf(event.candidates) ?? grounding;
      const usage = toUsage(counts, grounding);
      if (usage) batch.usage = usage;
      const ends = event.candidates?.some(({ finishReason }) => typeof finishReason === 'string');
      if (ends || event.promptFeedback?.blockReason !== undefined) held = data;
      else batch.chunks.push(data);
    },
    end(batch) {
      if (held === undefined) throw truncatedAnswer();
      batch.usageChunk = held;
      batch.finished = true;
    },
  };
}

function parse(data: string): GenerateContentResponse {
  try {
    const event: unknown = JSON.parse(data);
    if (typeof event === 'object' && event !== null) return event as GenerateContentResponse;
  } catch (thrown) {
    throw invalidAnswer(thrown);
  }
  throw invalidAnswer(new Error('an event is not an object'));
}
