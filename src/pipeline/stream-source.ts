import type { Target } from '../catalog/catalog.js';
import type { Usage } from '../meter/usage.js';
import type { Watch } from '../upstream/watchdog.js';
import type { Call, Called } from './call.js';
import type { Frames, OpenStream } from './operation.js';
import { Tally } from './tally.js';

/** A call that opened a stream. */
export type Opened = Extract<Called, { stream: unknown }>;

/** The provider's side of a stream: its frames, what they used, and the watch over it. */
export class StreamSource {
  readonly target: Target;
  readonly watch: Watch;
  readonly stream: OpenStream;
  readonly tally: Tally;
  readonly #frames: AsyncIterator<Frames>;
  readonly #onCancel: () => void;

  /** @param onCancel called when a time limit has passed, the client has left or `stop` was called. */
  constructor({ target, watch, stream }: Opened, call: Call, onCancel: () => void) {
    this.target = target;
    this.watch = watch;
    this.stream = stream;
    this.tally = new Tally(call);
    this.#frames = stream.frames[Symbol.asyncIterator]();
    this.#onCancel = onCancel;
    // Not every adapter takes notice of its signal, and not every client reads: somebody else must.
    if (!watch.cancellation.cancelled) watch.cancellation.onCancel(onCancel);
  }

  next(): Promise<IteratorResult<Frames>> {
    return this.#frames.next();
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
        this.tally.add(value);
      }
    } catch {
      return undefined;
    }
  }

  /** Ends the exchange with the provider, whatever it waits for. */
  stop(): void {
    this.watch.abort();
    void this.#frames.return?.().catch(() => {});
  }

  /** Nothing is watched any more. */
  close(): void {
    this.watch.cancellation.off(this.#onCancel);
    this.watch.close();
  }
}
