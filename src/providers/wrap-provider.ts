import { membersOf } from '../lib/members.js';
import { aFunction, checkGiven } from '../lib/option-checks.js';
import type { ChatCompletionChunk } from '../openai-api/chat-chunk.js';
import {
  type ChatAnswer,
  type ChatCall,
  type ChatStream,
  NATIVE_FORMATS,
  type ProviderAdapter,
  type ProviderRoutes,
  type StreamBatch,
} from './adapter.js';

/** Functions around the chat calls of a provider. Calls without one stay as they are. */
export interface ProviderWrap {
  /**
   * Around a whole answer. `next` calls the provider with whatever call it is given.
   *
   * @example chat: (call, next) => next({ ...call, request: { ...call.request, temperature: 0 } })
   */
  chat?(call: ChatCall, next: (call: ChatCall) => Promise<ChatAnswer>): Promise<ChatAnswer>;
  /** Around a stream; its chunks are objects. */
  stream?(call: ChatCall, next: (call: ChatCall) => Promise<WrappedStream>): Promise<ChatStream>;
}

/** A stream as `ProviderWrap.stream` sees it. */
export interface WrappedStream extends ChatStream {
  readonly batches: AsyncIterable<WrappedBatch>;
}

/** A batch whose chunks are all objects. */
export interface WrappedBatch extends Omit<StreamBatch, 'chunks' | 'usageChunk'> {
  readonly chunks: ChatCompletionChunk[];
}

/**
 * Wraps the chat calls of a provider. What the wrap changes is what is sent and what the client gets, on every dialect:
 * neither the client's own bytes nor the provider's are forwarded, and the routes that a provider may serve in its own
 * format (`NATIVE_FORMATS`) are translated to chat.
 *
 * @throws {TypeError} without a provider, and for a wrap that is unknown or no function.
 */
export function wrapProvider(adapter: ProviderAdapter, wrap: ProviderWrap): ProviderAdapter {
  if (typeof adapter?.chat !== 'function') throw new TypeError('wrapProvider: the provider to wrap is missing');
  checkGiven('wrapProvider', wrap, { chat: aFunction, stream: aFunction });
  const { chat, stream } = wrap;
  const { sizes } = adapter;
  const routes = adapter.routes && otherThanChat(adapter.routes);
  return {
    name: adapter.name,
    chat: chat
      ? (call) => chat(withoutBytes(call), async (changed) => withoutText(await adapter.chat(withoutBytes(changed))))
      : (call) => adapter.chat(call),
    stream: stream
      ? (call) => stream(withoutBytes(call), async (changed) => parsed(await adapter.stream(withoutBytes(changed))))
      : (call) => adapter.stream(call),
    ...(adapter.recall && { recall: adapter.recall.bind(adapter) }),
    ...(adapter.takesTool && { takesTool: adapter.takesTool.bind(adapter) }),
    ...(routes && { routes }),
    ...(sizes && { sizes: { chat: (call: ChatCall) => sizes.chat(call) } }),
  };
}

function otherThanChat(routes: ProviderRoutes): ProviderRoutes {
  return Object.fromEntries(membersOf(routes).filter(([name]) => !NATIVE_FORMATS.includes(name)));
}

/** The request alone says what is sent; a change to its fields does not reach another attempt. */
function withoutBytes({ body: _, ...call }: ChatCall): ChatCall {
  return { ...call, request: { ...call.request } };
}

function withoutText({ text: _, ...answer }: ChatAnswer): ChatAnswer {
  return answer;
}

function parsed(stream: ChatStream): WrappedStream {
  return { ...stream, batches: parsedBatches(stream.batches) };
}

async function* parsedBatches(batches: AsyncIterable<StreamBatch>): AsyncGenerator<WrappedBatch, void> {
  for await (const { usageChunk: _, chunks, ...batch } of batches) {
    yield {
      ...batch,
      chunks: chunks.map((chunk) => (typeof chunk === 'string' ? (JSON.parse(chunk) as ChatCompletionChunk) : chunk)),
    };
  }
}
