import type { ChatCompletionChunk } from '../../../../src/openai-api/chat-chunk.js';
import type { ChatCall, StreamBatch } from '../../../../src/providers/adapter.js';
import { readEvents } from '../../../../src/upstream/sse-reader.js';
import { chatCall, countingDialect } from './call.js';

/** What came out of a stream. */
export interface Streamed {
  chunks: ChatCompletionChunk[];
  usage: StreamBatch['usage'];
}

/** Feeds bytes in the given pieces through the event reader and a translator to the end. */
export function translateStream(pieces: readonly Uint8Array[], call: ChatCall = chatCall()): Streamed {
  const translator = countingDialect().toChunks(call);
  const batch: StreamBatch = { chunks: [] };
  const reader = readEvents((data, name) => translator.event(data, batch, name));
  for (const piece of pieces) reader.feed([piece]);
  reader.end();
  translator.end(batch);
  const chunks = batch.chunks.filter((chunk) => typeof chunk !== 'string');
  return { chunks, usage: batch.usage };
}

/** The message that a client puts together out of chunks. */
export function assemble(chunks: readonly ChatCompletionChunk[]) {
  const message: Record<string, unknown> & { tool_calls?: unknown[] } = {};
  let finishReason: string | null = null;
  let nativeFinishReason: string | undefined;
  const logprobs: unknown[] = [];
  for (const { delta, finish_reason, native_finish_reason, logprobs: some } of chunks.flatMap((c) => c.choices)) {
    for (const [key, value] of Object.entries(delta)) {
      if (key === 'tool_calls' && Array.isArray(value)) {
        message.tool_calls = [...(message.tool_calls ?? []), ...value.map(({ index: _, ...call }) => call)];
      } else if (typeof value === 'string' && key !== 'role') message[key] = `${message[key] ?? ''}${value}`;
      else if (value !== null || message[key] === undefined) message[key] = value;
    }
    finishReason = finish_reason ?? finishReason;
    nativeFinishReason = native_finish_reason ?? nativeFinishReason;
    if (Array.isArray(some?.['content'])) logprobs.push(...some['content']);
  }
  return { message, finishReason, nativeFinishReason, logprobs };
}
