import type { Dispatcher } from 'undici';
import type { Cancellation } from '../../lib/cancellation.js';
import { jointTurn } from '../../lib/joint-turn.js';
import type { Lingering } from '../lingering.js';
import {
  joined,
  READ_ALL,
  TransportError,
  tooLong,
  type UpstreamBody,
  type UpstreamResponse,
  type WholeBody,
} from '../transport.js';
import { decodedBody } from './decoded-body.js';
import { isStale } from './stale-connection.js';

/** Bytes of an answer that wait for the reader before the provider is held back. */
const HIGH_WATER_BYTES = 64 * 1024;
/** How much of an answer's rest is read away so that its connection can be used again. */
const DISCARD_BYTES = 64 * 1024;

/** Who waits for a whole body. */
interface WholeReader {
  readonly maxBytes: number;
  readonly onActivity: () => void;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** One request on its way: the handler that `undici` calls, and the body that the reader pulls. */
export class UndiciExchange implements Dispatcher.DispatchHandler, WholeBody {
  readonly #cancellation: Cancellation;
  readonly #lingering: Lingering;
  readonly #resolve: (response: UpstreamResponse) => void;
  readonly #reject: (error: TransportError) => void;
  #repeat: (() => void) | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #answered = false;
  #sent = false;
  #pieces: Uint8Array[] = [];
  #waitingBytes = 0;
  #paused = false;
  #discarding = false;
  #ended = false;
  #error: TransportError | undefined;
  #wake: (() => void) | undefined;
  #whole: WholeReader | undefined;

  constructor(
    cancellation: Cancellation,
    lingering: Lingering,
    resolve: (response: UpstreamResponse) => void,
    reject: (error: TransportError) => void,
  ) {
    this.#cancellation = cancellation;
    this.#lingering = lingering;
    this.#resolve = resolve;
    this.#reject = reject;
    cancellation.onCancel(this.#abort);
  }

  readonly #abort = (): void => {
    const error = new TransportError(this.#sent ? 'aborted' : 'connect', new Error('the exchange was aborted'));
    this.#finish(error);
    this.#controller?.abort(error);
  };

  /**
   * Sets the function that sends the request once more if its connection had already died.
   *
   * V8 allocates a function that is written as the value of a property (`exchange.x = () => …`) in the old generation, where
   * it keeps all that it refers to alive until the next full garbage collection: 5 kB of each request, 30 MB of RSS and up to
   * a third of the CPU time. An argument is allocated like anything else. Bench case `json`.
   */
  onStale(repeat: () => void): void {
    this.#repeat = repeat;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#error) controller.abort(this.#error);
    else this.#sent = true;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200 || this.#ended) return;
    const single = firstValues(headers);
    // the status of an error says more than its body, which is empty when it can't be read
    const body = decodedBody(this, single['content-encoding']) ?? (status >= 400 ? this.#unreadable() : undefined);
    if (!body) {
      const error = new TransportError('lost', new Error(`unknown content-encoding ${single['content-encoding']}`));
      this.#finish(error);
      controller.abort(error);
      return;
    }
    this.#answered = true;
    // Nobody reads them, and a stream would keep them, 2 KB, for as long as it takes.
    controller.rawHeaders = null;
    this.#resolve({ status, headers: single, body });
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Uint8Array): void {
    if (this.#ended) return;
    this.#waitingBytes += piece.byteLength;
    if (this.#discarding) {
      if (this.#waitingBytes > DISCARD_BYTES) this.cancel();
      return;
    }
    this.#pieces.push(piece);
    if (this.#whole) {
      this.#whole.onActivity();
      if (this.#waitingBytes > this.#whole.maxBytes) this.#overflow();
      return;
    }
    if (this.#waitingBytes >= HIGH_WATER_BYTES && !this.#paused) {
      this.#paused = true;
      controller.pause();
    }
    this.#wake?.();
  }

  onResponseEnd(): void {
    this.#finish(undefined);
  }

  onResponseError(_controller: unknown, cause: unknown): void {
    const repeat = this.#repeat;
    if (repeat && this.#sent && !this.#answered && !this.#ended && isStale(cause)) {
      this.#repeat = undefined;
      this.#sent = false;
      repeat();
      return;
    }
    this.#finish(new TransportError(this.#sent ? 'lost' : 'connect', cause));
  }

  async read(): Promise<readonly Uint8Array[] | undefined> {
    if (this.#pieces.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const pieces = this.#pieces;
    if (pieces.length === 0) {
      if (this.#error) throw this.#error;
      return undefined;
    }
    this.#pieces = [];
    this.#waitingBytes = 0;
    this.#goOn();
    return pieces;
  }

  [READ_ALL](maxBytes: number, onActivity: () => void): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#whole = { maxBytes, onActivity, resolve, reject };
      if (this.#waitingBytes > 0) onActivity();
      if (this.#waitingBytes > maxBytes) this.#overflow();
      else if (this.#ended) this.#settleWhole();
      else this.#goOn();
    });
  }

  #overflow(): void {
    this.#whole?.reject(tooLong(this.#whole.maxBytes));
    this.#whole = undefined;
    this.cancel();
  }

  /** The next bytes may come before this returns. */
  #goOn(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#controller?.resume();
  }

  #unreadable(): UpstreamBody {
    return { read: async () => undefined, cancel: () => this.cancel(), discard: () => this.discard() };
  }

  cancel(): void {
    if (!this.#ended) this.#abort();
  }

  discard(): void {
    if (this.#ended || this.#discarding) return;
    this.#discarding = true;
    this.#pieces = [];
    this.#waitingBytes = 0;
    this.#lingering.add(this);
    this.#goOn();
  }

  #finish(error: TransportError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#cancellation.off(this.#abort);
    this.#cancellation.release();
    if (this.#discarding) this.#lingering.remove(this);
    if (!this.#answered && error) this.#reject(error);
    this.#settleWhole();
    this.#wake?.();
  }

  #settleWhole(): void {
    const whole = this.#whole;
    if (this.#error) whole?.reject(this.#error);
    else if (whole) void jointTurn().then(() => whole.resolve(joined(this.#pieces)));
  }
}

/** Single values, of repeated headers the first. */
function firstValues(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  for (const name in headers) if (typeof headers[name] !== 'string') return withoutRepeats(headers);
  return headers as Record<string, string>;
}

function withoutRepeats(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const single: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) single[name] = Array.isArray(value) ? (value[0] ?? '') : value;
  }
  return single;
}
