import type { EventReader, ReadEvents } from '../../upstream/sse-reader.js';
import { tooLarge } from '../../upstream/too-large.js';
import type { UpstreamBody, UpstreamResponse } from '../../upstream/transport.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import type { StreamBatch } from '../adapter.js';
import { asUpstreamError, translationFault, truncatedAnswer } from '../answer-faults.js';
import type { StreamTranslator } from './dialect.js';

/** Reads a stream's events as batches. Resolves when the first is there, and rejects when it is an error instead. */
export async function openBatches(
  { body }: UpstreamResponse,
  translator: StreamTranslator,
  onActivity: () => void,
  read: ReadEvents,
): Promise<AsyncIterable<StreamBatch>> {
  const batches = new EventBatches(body, translator, onActivity, read);
  await batches.begin();
  return batches;
}

const DONE: IteratorResult<StreamBatch, void> = { done: true, value: undefined };

/**
 * Events to batches, one batch for what arrived together. What arrived before a failure is passed on before it, so that
 * it does not matter how the network cut the bytes.
 */
class EventBatches implements AsyncIterableIterator<StreamBatch, void> {
  readonly #body: UpstreamBody;
  readonly #translator: StreamTranslator;
  readonly #onActivity: () => void;
  readonly #reader: EventReader;
  #batch: StreamBatch = { chunks: [] };
  #first: IteratorResult<StreamBatch, void> | undefined;
  #failure: { readonly thrown: unknown } | undefined;
  #over = false;
  /** Something was passed on: from then on what the provider reports counts, whatever the end is. */
  #begun = false;
  /** An event was too long to be passed on: the rest is read for its report alone. */
  #tooLarge = false;

  constructor(body: UpstreamBody, translator: StreamTranslator, onActivity: () => void, read: ReadEvents) {
    this.#body = body;
    this.#translator = translator;
    this.#onActivity = onActivity;
    // Notes whether words have come since the batch's last report; an event that ends the answer badly may hold one, too.
    const onEvent = (data: string, name: string | undefined) => {
      const batch = this.#batch;
      if (batch.finished) return;
      const { usage, chunks } = batch;
      const before = chunks.length;
      try {
        translator.event(data, batch, name);
      } finally {
        if (batch.usage !== usage) batch.usageIsCurrent = true;
        else if (batch.usageIsCurrent && chunks.length > before) batch.usageIsCurrent = false;
      }
    };
    this.#reader = read(onEvent, translator.maxEventLength, () => {
      this.#tooLarge = true;
    });
  }

  /** Waits for the first batch, which `next` then gives. */
  async begin(): Promise<void> {
    this.#first = await this.next();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<StreamBatch, void>> {
    const first = this.#first;
    this.#first = undefined;
    if (first) return first;
    try {
      while (!this.#over) {
        this.#throwFailure();
        const pieces = await this.#body.read();
        if (this.#over) break;
        const batch = this.#translate(pieces);
        this.#onActivity();
        if (this.#tooLarge) this.#keepReport(batch, pieces === undefined);
        this.#begun ||= batch.chunks.length > 0;
        if (!this.#begun) this.#throwFailure();
        if (batch.finished) {
          this.#over = true;
          this.#body.discard();
        }
        if (batch.finished || batch.chunks.length > 0 || batch.usage !== undefined)
          return { done: false, value: batch };
      }
      return DONE;
    } catch (thrown) {
      if (this.#over) return DONE;
      this.#stop();
      throw asUpstreamError(thrown);
    }
  }

  async return(): Promise<IteratorResult<StreamBatch, void>> {
    this.#first = undefined;
    this.#stop();
    return DONE;
  }

  #translate(pieces: readonly Uint8Array[] | undefined): StreamBatch {
    const batch: StreamBatch = { chunks: [] };
    this.#batch = batch;
    try {
      if (pieces === undefined) finish(this.#reader, this.#translator, batch);
      else this.#reader.feed(pieces);
    } catch (thrown) {
      this.#failure = { thrown: translationFault(thrown) };
    }
    return batch;
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.thrown;
  }

  /** What came before the skipped event has been passed on; nothing after it is, or the answer would look whole. */
  #keepReport(batch: StreamBatch, isEnd: boolean): void {
    batch.chunks.length = 0;
    if (!batch.finished && !isEnd && !this.#failure) return;
    batch.finished = false;
    this.#failure = { thrown: tooLarge() };
  }

  #stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#body.cancel();
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
