import type { ChatCompletionChunk, ToolCallDelta } from '../../../src/openai-api/chat-chunk.js';
import type { ChatAnswerMessage } from '../../../src/openai-api/chat-completion.js';
import type { ChatCall, StreamBatch } from '../../../src/providers/adapter.js';
import { anthropicDialect } from '../../../src/providers/anthropic/index.js';
import { readEvents } from '../../../src/upstream/sse-reader.js';

/** What came out of one stream. */
export interface Streamed {
  chunks: ChatCompletionChunk[];
  usage: StreamBatch['usage'];
  finished: boolean;
}

/** Native events as server-sent text. */
export function toSse(events: readonly object[]): string {
  return events
    .map((event) => `event: ${String((event as { type?: string }).type)}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');
}

/** Runs a stream through the translator as the provider does, with the bytes cut as given. */
export function translate(call: ChatCall, pieces: Iterable<Uint8Array>): Streamed {
  const translator = anthropicDialect().toChunks(call);
  const batch: StreamBatch = { chunks: [] };
  const reader = readEvents((data, name) => {
    if (!batch.finished) translator.event(data, batch, name);
  });
  for (const piece of pieces) reader.feed([piece]);
  reader.end();
  if (!batch.finished) translator.end(batch);
  return { chunks: batch.chunks as ChatCompletionChunk[], usage: batch.usage, finished: batch.finished === true };
}

/** The same for whole text. */
export function translateText(call: ChatCall, sse: string): Streamed {
  return translate(call, [new TextEncoder().encode(sse)]);
}

/** The same for events. */
export function translateEvents(call: ChatCall, events: readonly object[]): Streamed {
  return translateText(call, toSse(events));
}

/** The message a client puts together from chunks; it fails where official clients would. */
export function assembled(
  chunks: readonly ChatCompletionChunk[],
): ChatAnswerMessage & { finish: string; native?: string } {
  const message: ChatAnswerMessage = { role: 'assistant', content: null, refusal: null };
  let finish = '';
  let native: string | undefined;
  let roles = 0;
  const calls: { id: string; name: string; arguments: string }[] = [];
  for (const { choices } of chunks) {
    const choice = choices[0];
    if (!choice) continue;
    if (finish) throw new Error('a chunk after the finish chunk');
    const { delta } = choice;
    if (delta.role) roles++;
    if (typeof delta.content === 'string') message.content = (message.content ?? '') + delta.content;
    if (delta.refusal) message.refusal = (message.refusal ?? '') + delta.refusal;
    if (delta.reasoning_content)
      message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content;
    for (const list of ['reasoning_details', 'annotations'] as const) {
      if (!delta[list]) continue;
      if (message[list]) throw new Error(`${list} in two deltas`);
      Object.assign(message, { [list]: delta[list] });
    }
    if (delta.function_call) {
      const call = message.function_call ?? { name: '', arguments: '' };
      call.name += delta.function_call.name ?? '';
      call.arguments += delta.function_call.arguments ?? '';
      message.function_call = call;
    }
    for (const call of delta.tool_calls ?? []) addCall(calls, call);
    finish = choice.finish_reason ?? '';
    native = choice.native_finish_reason;
  }
  if (roles !== 1 || !chunks[0]?.choices[0]?.delta.role) throw new Error('the role must come once, first');
  if (calls.length > 0) {
    message.tool_calls = calls.map(({ id, name, arguments: args }) => ({
      id,
      type: 'function',
      function: { name, arguments: args },
    }));
  }
  return { ...message, finish, ...(native !== undefined && { native }) };
}

function addCall(calls: { id: string; name: string; arguments: string }[], delta: ToolCallDelta): void {
  if (delta.id !== undefined) {
    if (delta.index !== calls.length || delta.type !== 'function')
      throw new Error('a call must open densely, with type');
    calls.push({ id: delta.id, name: delta.function?.name ?? '', arguments: '' });
  } else if (delta.function?.name !== undefined || delta.type !== undefined) throw new Error('name or type twice');
  const call = calls[delta.index];
  if (!call) throw new Error('arguments of an unknown call');
  call.arguments += delta.function?.arguments ?? '';
}
