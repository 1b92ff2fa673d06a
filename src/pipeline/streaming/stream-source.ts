import type { Target } from '../../catalog/catalog.js';
import type { Usage } from '../../lib/usage.js';
import type { StreamBatch } from '../../providers/adapter.js';
import type { Watch } from '../../upstream/watchdog.js';
import type { Call, CallResult } from '../calling/call.js';
import type { OpenStream } from '../operation.js';
import { Tally } from './tally.js';

/** A call that opened a stream. */
export type StreamResult = Extract<CallResult, { stream: unknown }>;

/** The provider's side of a stream: its batches, what they used, and the watch over it. */
export class StreamSource {
  readonly target: Target;
  readonly watch: Watch;
  readonly stream: OpenStream;
  readonly tally: Tally;
  readonly #batches: AsyncIterator<StreamBatch>;
  readonly #onCancel: () => void;

  /** @param onCancel called when a time limit has passed, the client has left or `stop` was called. */
  constructor({ target, watch, stream }: StreamResult, call: Call, onCancel: () => void) {
    this.target = target;
    this.watch = watch;
    this.stream = stream;
    this.tally = new Tally(call);
    this.#batches = stream.batches[Symbol.asyncIterator]();
    this.#onCancel = onCancel;
    // Not every adapter takes notice of its signal, and not every client reads: somebody else must.
    if (!watch.cancellation.cancelled) watch.cancellation.onCancel(onCancel);
  }

  next(): Promise<IteratorResult<StreamBatch>> {
    return this.#batches.next();
  }

  /** A batch as the client gets it; what it used is counted. */
  take(batch: StreamBatch): string {
    const frames = this.stream.encode(batch);
    this.tally.add(frames);
    return frames.text;
  }

  /**
   * Reads to the end without a client.
   *
   * @param pending a step that the client had asked for; the source is not asked twice at once.
   * @returns what the answer used; undefined when it was stopped or broke before its end.
   */
  async drain(pending: Promise<unknown> | undefined): Promise<Usage | undefined> {
    const { cancellation } = this.watch;
    if (cancellation.cancelled) return undefined;
    const stopped = new Promise<undefined>((resolve) => {
      cancellation.onCancel(() => resolve(undefined));
    });
    this.watch.touch();
    return await Promise.race([stopped, this.#readOn(pending)]);
  }

  async #readOn(pending: Promise<unknown> | undefined): Promise<Usage | undefined> {
    try {
      await pending;
      for (;;) {
        const { done, value } = await this.next();
        if (done) return this.tally.total();
        this.take(value);
      }
    } catch {
      return undefined;
    }
  }

  /** Ends the exchange with the provider, whatever it waits for. */
  stop(): void {
    this.watch.abort();
    void endReading(this.#batches);
  }

  /** Nothing is watched any more. */
  close(): void {
    this.watch.cancellation.off(this.#onCancel);
    this.watch.close();
  }
}

/** Tells an iterator that nobody reads on. Never rejects: it may be an adapter's own. */
export async function endReading(batches: AsyncIterator<StreamBatch>): Promise<void> {
  try {
    await batches.return?.();
  } catch {}
}
