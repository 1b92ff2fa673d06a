import { type EventReader, readEvents } from '../upstream/sse-reader.js';
import type { UpstreamResponse } from '../upstream/transport.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { transported, truncatedAnswer } from './answer-faults.js';
import type { StreamTranslator } from './http-provider.js';
import type { StreamBatch } from './provider-adapter.js';

/** Reads a stream's events as batches. Resolves when the first is there, and rejects when it is an error instead. */
export async function openBatches(
  response: UpstreamResponse,
  translator: StreamTranslator,
  onActivity: () => void,
): Promise<AsyncIterable<StreamBatch>> {
  const batches = readBatches(response, translator, onActivity);
  return resume(await batches.next(), batches);
}

/**
 * Events to batches, one batch for what arrived together. What arrived before a failure is passed on before it, so that
 * it does not matter how the network cut the bytes.
 */
async function* readBatches(
  response: UpstreamResponse,
  translator: StreamTranslator,
  onActivity: () => void,
): AsyncGenerator<StreamBatch, void> {
  const { body } = response;
  let discarded = false;
  try {
    let batch: StreamBatch = { chunks: [] };
    let failure: { readonly thrown: unknown } | undefined;
    const reader = readEvents((data, name) => {
      if (!batch.finished) translator.event(data, batch, name);
    }, translator.maxEventLength);
    while (!batch.finished) {
      const pieces = await transported(body.read());
      try {
        if (pieces === undefined) finish(reader, translator, batch);
        else reader.feed(pieces);
      } catch (thrown) {
        failure = { thrown };
      }
      onActivity();
      if (batch.finished) {
        body.discard();
        discarded = true;
      }
      if (batch.finished || batch.chunks.length > 0 || batch.usage !== undefined) yield batch;
      if (failure && !batch.finished) throw failure.thrown;
      if (!batch.finished) batch = { chunks: [] };
    }
  } finally {
    if (!discarded) body.cancel();
  }
}

/** The provider closed the stream: its last event may lack its blank line. */
function finish(reader: EventReader, translator: StreamTranslator, batch: StreamBatch): void {
  try {
    reader.end();
  } catch (thrown) {
    // Half an event makes no sense to a translator because it is half, not because it is wrong.
    if (UpstreamError.isInstance(thrown) && thrown.fault === 'invalid') throw truncatedAnswer();
    throw thrown;
  }
  if (!batch.finished) translator.end(batch);
  batch.finished = true;
}

/** The same iteration from its already awaited first step on. */
function resume<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void>): AsyncIterable<T> {
  let pending: IteratorResult<T, void> | undefined = first;
  const iterator: AsyncIterator<T, void> = {
    next() {
      if (pending === undefined) return rest.next();
      const result = pending;
      pending = undefined;
      return Promise.resolve(result);
    },
    return: () => rest.return(),
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
