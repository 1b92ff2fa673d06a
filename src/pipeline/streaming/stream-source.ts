import type { Target } from '../../catalog/catalog.js';
import type { Usage } from '../../lib/usage.js';
import type { StreamBatch } from '../../providers/adapter.js';
import { endReading } from '../../providers/adopt.js';
import type { Watch } from '../../upstream/watchdog.js';
import type { StreamResult } from '../calling/call.js';
import type { OpenStream } from '../operation.js';
import type { Run } from '../run-state.js';
import { chargedAt, credible, estimateUsage, usageSoFar } from './charged-usage.js';

/** The provider's side of a stream: its batches, what they used, and the watch over it. */
export class StreamSource {
  readonly target: Target;
  readonly watch: Watch;
  readonly stream: OpenStream;
  readonly batches: AsyncIterator<StreamBatch>;
  readonly #run: Run;
  readonly #onCancel: () => void;
  #usage: Usage | undefined;
  #estimatedOutput = 0;

  /** @param onCancel called when a time limit has passed, the client has left or `stop` was called. */
  constructor(run: Run, { target, watch, stream }: StreamResult, onCancel: () => void) {
    this.#run = run;
    this.target = target;
    this.watch = watch;
    this.stream = stream;
    this.batches = stream.batches[Symbol.asyncIterator]();
    this.#onCancel = onCancel;
    // Not every adapter takes notice of its signal, and not every client reads: somebody else must.
    if (!watch.cancellation.cancelled) watch.cancellation.onCancel(onCancel);
  }

  /** A batch as the client gets it; what it used is counted. */
  take(batch: StreamBatch): string {
    const { text, usage, estimatedOutput } = this.stream.encode(batch);
    if (usage) this.#usage = credible(usage) ?? this.#usage;
    this.#estimatedOutput += estimatedOutput;
    return text;
  }

  /** Usage of a complete answer. */
  total(): Usage {
    return chargedAt(this.#run, this.target, this.#usage, () => estimateUsage(this.#run, this.#estimatedOutput));
  }

  /** Usage of an answer that was cut. */
  soFar(): Usage {
    if (this.#run.operation.pricedUse) return this.total();
    return usageSoFar(this.#run, this.#usage, this.#estimatedOutput);
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
        const { done, value } = await this.batches.next();
        if (done) return this.total();
        this.take(value);
      }
    } catch {
      return undefined;
    }
  }

  /** Ends the exchange with the provider, whatever it waits for. */
  stop(): void {
    this.watch.abort();
    void endReading(this.batches);
  }

  /** Nothing is watched any more. */
  close(): void {
    this.watch.cancellation.off(this.#onCancel);
    this.watch.close();
  }
}
