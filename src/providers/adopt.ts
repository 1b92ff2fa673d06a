import { CANCELLATION, cancellationOf } from '../lib/cancellation.js';
import { membersOf } from '../lib/members.js';
import { NativeFaces } from '../lib/native-face.js';
import { unlessCanceled } from '../lib/unless-canceled.js';
import type {
  Attempt,
  ChatAnswer,
  ChatCall,
  ChatStream,
  ProviderAdapter,
  ProviderRoutes,
  StreamBatch,
} from './adapter.js';
import { invalidAnswer, truncatedAnswer } from './answer-faults.js';

/** The gateway's own adapters, which keep the contract by themselves. */
export const nativeAdapters = new NativeFaces<true>('adapter');

/**
 * An adapter as the gateway uses it. A foreign one gets its calls as plain data with a real signal, is abandoned soon
 * after that is aborted, and is held to its contract: a stream without `finished` is `upstream_truncated`,
 * nothing passes after it, and an answer that is not one is `upstream_error`.
 */
export function adoptAdapter(adapter: ProviderAdapter): ProviderAdapter {
  if (nativeAdapters.of(adapter)) return adapter;
  return {
    name: adapter.name,
    chat: (call) => guarded(call, (plain) => adapter.chat(plain)).then(checkedAnswer),
    stream: (call) => guarded(call, (plain) => adapter.stream(plain), stopReading).then(checkedStream),
    ...(adapter.routes && { routes: adoptRoutes(adapter.routes) }),
    ...(adapter.sizes && { sizes: adapter.sizes }),
    ...(adapter.recall && { recall: adoptRecall(adapter) }),
    ...(adapter.takesTool && { takesTool: adapter.takesTool.bind(adapter) }),
  };
}

/** A synchronous throw becomes a rejection. */
function adoptRecall(adapter: ProviderAdapter): NonNullable<ProviderAdapter['recall']> {
  return (request, recollection) => new Promise<void>((resolve) => resolve(adapter.recall?.(request, recollection)));
}

type Method = (call: Attempt) => Promise<unknown>;

/** Each route is a function, or an object of functions of which `stream` opens a stream. */
function adoptRoutes(routes: ProviderRoutes): ProviderRoutes {
  const adopted: Record<string, unknown> = {};
  for (const [name, route] of membersOf(routes)) {
    if (typeof route === 'function') adopted[name] = adoptMethod(route as Method);
    else if (typeof route === 'object' && route !== null) adopted[name] = adoptRoute(route);
  }
  return adopted;
}

function adoptRoute(route: object): object {
  const adopted: Record<string, unknown> = {};
  for (const [name, member] of membersOf(route)) {
    if (typeof member !== 'function' || name === 'serves') adopted[name] = member;
    else if (name === 'stream' || name === 'relay') adopted[name] = adoptStream(member as Method);
    else adopted[name] = adoptMethod(member as Method);
  }
  return adopted;
}

function adoptMethod(method: Method): Method {
  return (call) => guarded(call, method);
}

function adoptStream(open: Method): (call: Attempt) => Promise<ChatStream> {
  return (call) => guarded(call, open as (call: Attempt) => Promise<ChatStream>, stopReading).then(checkedStream);
}

/** Calls a method with a plain copy of the call; a synchronous throw becomes a rejection. */
function guarded<Call extends Attempt, T>(
  call: Call,
  method: (plain: Call) => Promise<T>,
  dispose: (late: T) => void = () => {},
): Promise<T> {
  const work = new Promise<T>((resolve) => resolve(method(plainCall(call))));
  return unlessCanceled(work, cancellationOf(call), dispose);
}

/** All that the public contract names, and nothing else, as own properties: it may be copied. */
function plainCall<Call extends Attempt>(call: Call): Call {
  const { request } = call as Partial<ChatCall>;
  const signal = cancellationOf(call).signal;
  const keep = (id: string, value: string) => call.keep?.(id, value);
  return { ...call, signal, keep, [CANCELLATION]: undefined, ...(request !== undefined && { request }) };
}

function checkedAnswer(answer: ChatAnswer): ChatAnswer {
  if (Array.isArray(answer?.completion?.choices)) return answer;
  throw invalidAnswer(new Error('the adapter returned no chat completion'));
}

function checkedStream(stream: ChatStream): ChatStream {
  if (typeof stream?.batches?.[Symbol.asyncIterator] !== 'function') {
    throw invalidAnswer(new Error('the adapter returned no stream'));
  }
  return { ...stream, batches: untilFinished(stream.batches) };
}

/** Ends with the batch that is `finished`. @throws {UpstreamError} `truncated` at the end of a stream without one. */
function untilFinished(batches: AsyncIterable<StreamBatch>): AsyncIterable<StreamBatch> {
  return { [Symbol.asyncIterator]: () => new FinishedBatches(batches[Symbol.asyncIterator]()) };
}

const DONE: IteratorResult<StreamBatch, undefined> = { done: true, value: undefined };

class FinishedBatches implements AsyncIterator<StreamBatch, undefined> {
  readonly #batches: AsyncIterator<StreamBatch>;
  #finished = false;

  constructor(batches: AsyncIterator<StreamBatch>) {
    this.#batches = batches;
  }

  async next(): Promise<IteratorResult<StreamBatch, undefined>> {
    if (this.#finished) return DONE;
    const { done, value } = await this.#batches.next();
    if (done) {
      this.#finished = true;
      throw truncatedAnswer();
    }
    if (!Array.isArray(value?.chunks)) throw invalidAnswer(new Error('the adapter sent no batch of chunks'));
    if (value.finished) {
      this.#finished = true;
      void endReading(this.#batches);
    }
    return { done: false, value };
  }

  async return(): Promise<IteratorResult<StreamBatch, undefined>> {
    this.#finished = true;
    await endReading(this.#batches);
    return DONE;
  }
}

/** For a stream that arrived after cancellation. */
function stopReading(stream: ChatStream): void {
  const batches = stream?.batches?.[Symbol.asyncIterator]?.();
  if (batches) void endReading(batches);
}

/** Ends an iterator that is read no further. Never rejects: it may be an adapter's own. */
export async function endReading(batches: AsyncIterator<StreamBatch>): Promise<void> {
  try {
    await batches.return?.();
  } catch {}
}
