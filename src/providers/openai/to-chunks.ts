import { invalidAnswer, type StreamTranslator, truncatedAnswer } from '../http-provider.js';
import type { ChatCall, StreamBatch } from '../provider-adapter.js';
import { type Fields, isFields } from './fields.js';
import type { ErrorReader } from './to-completion.js';
import { readUsage } from './usage.js';

/**
 * Relays OpenAI's own chunks as text; only events that can hold usage or an error, or look unusual, are parsed.
 *
 * Inside a JSON string every quote is escaped, so `"error":` and its like can only be keys, never a model's words.
 *
 * Source: the OpenAI API reference, `CreateChatCompletionStreamResponse`, and recorded streams: the usage chunk has
 * `choices: []`, a moderation chunk may follow it, Azure opens with a chunk without id and choices.
 */
export function relayChunks(call: ChatCall, toError: ErrorReader): StreamTranslator {
  const keepsUsageKey = call.request.stream_options?.include_usage === true;
  let started = false;
  let complete = false;
  /** What an opening chunk without id says; the first real chunk carries it on. */
  let opening: Fields | undefined;

  function relay(data: string, batch: StreamBatch): void {
    started = true;
    // An event may come as several lines, but is relayed as one; between JSON's tokens they mean the same.
    const line = data.includes('\n') ? data.replaceAll('\n', ' ') : data;
    batch.chunks.push(mendText(line, keepsUsageKey));
  }

  function parsed(data: string, batch: StreamBatch): void {
    const chunk = parseChunk(data);
    if (chunk.error !== undefined && chunk.error !== null) throw toError({ headers: {}, text: data });
    const usage = readUsage(chunk.usage);
    if (usage) batch.usage = usage;
    const choices = Array.isArray(chunk.choices) ? chunk.choices : [];
    complete ||= choices.some((choice) => isFields(choice) && typeof choice.finish_reason === 'string');
    if (choices.length === 0 && chunk.usage) {
      if (usage) batch.usageChunk = JSON.stringify(mend({ ...chunk, choices }));
      return;
    }
    if (choices.length === 0 && !chunk.id) {
      const { id, object, created, model, choices: none, ...rest } = chunk;
      opening = rest;
      return;
    }
    started = true;
    const { usage: _, ...rest } = chunk;
    const mended = mend({ ...opening, ...rest, choices: choices.filter(isFields).map(mendChoice) });
    if (keepsUsageKey) mended.usage = null;
    opening = undefined;
    batch.chunks.push(JSON.stringify(mended));
  }

  return {
    event(data, batch) {
      if (data === '[DONE]') {
        if (!started) throw truncatedAnswer();
        batch.finished = true;
      } else if (opening === undefined && isPlain(data)) {
        // the first event decides whether another attempt is made, so it must be sound
        if (!started) parseChunk(data);
        if (data.includes('"finish_reason":"')) complete = true;
        relay(data, batch);
      } else {
        parsed(data, batch);
      }
    },
    end() {
      if (!complete) throw truncatedAnswer();
    },
  };
}

/** True for a chunk in OpenAI's own layout that holds neither usage nor an error. */
function isPlain(data: string): boolean {
  return (
    data.startsWith('{"id":"') &&
    data.charCodeAt(7) !== 0x22 &&
    data.endsWith('}') &&
    data.includes('"object":"chat.completion.chunk"') &&
    data.includes('"choices":[{"index":') &&
    data.includes('"finish_reason":') &&
    !data.includes('"usage":{') &&
    !data.includes('"error":')
  );
}

/** Makes the text fit the schema and the client's wish for usage, which others' servers don't always follow. */
function mendText(data: string, keepsUsageKey: boolean): string {
  const text = data.replace(',"system_fingerprint":null', '');
  if (!keepsUsageKey) return text.replace(',"usage":null', '');
  return text.includes('"usage":null') ? text : `${text.slice(0, -1)},"usage":null}`;
}

function mendChoice(choice: Fields, position: number): Fields {
  return { index: position, delta: {}, finish_reason: null, ...choice };
}

function mend(chunk: Fields): Fields {
  chunk.object = 'chat.completion.chunk';
  if (chunk.system_fingerprint === null) delete chunk.system_fingerprint;
  return chunk;
}

/** One event's JSON object. @throws {UpstreamError} `invalid` when it is none. */
export function parseChunk(data: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (thrown) {
    throw invalidAnswer(thrown);
  }
  if (!isFields(value)) throw invalidAnswer(new Error('an event is no object'));
  return value;
}
