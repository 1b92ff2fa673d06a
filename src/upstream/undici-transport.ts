import type { Dispatcher, Pool } from 'undici';
import { type Transport, TransportError, type UpstreamBody, type UpstreamResponse } from './transport.js';

/** Bytes of an answer that wait for the reader before the provider is held back. */
const HIGH_WATER_BYTES = 64 * 1024;
/** How much of an answer's rest is read away so that its connection can be used again. */
const DISCARD_BYTES = 64 * 1024;

/**
 * The default transport: one `undici` pool per origin, without time limits of its own, since the watchdog keeps them.
 *
 * @param options.connectMs opening a connection, TLS included.
 */
export function undiciTransport(options: { readonly connectMs: number }): Transport {
  const pools = new Map<string, Pool>();
  // Half of the time that the import of this package would take, and not needed by those who bring their own.
  const loading = import('undici');
  let loaded: Awaited<typeof loading> | undefined;
  loading.then(
    (undici) => {
      loaded = undici;
    },
    () => {},
  );

  function poolOf(origin: string, undici: Awaited<typeof loading>): Pool {
    let pool = pools.get(origin);
    if (!pool) {
      pool = new undici.Pool(origin, {
        connect: { timeout: options.connectMs },
        headersTimeout: 0,
        bodyTimeout: 0,
        pipelining: 1,
      });
      pools.set(origin, pool);
    }
    return pool;
  }

  return {
    send(request) {
      const split = request.url.indexOf('/', 8);
      const origin = split === -1 ? request.url : request.url.slice(0, split);
      const path = split === -1 ? '/' : request.url.slice(split);
      return new Promise((resolve, reject) => {
        const exchange = new Exchange(request.signal, resolve, reject);
        const fail = (cause: unknown) => exchange.onResponseError(undefined, cause);
        const dispatch = (undici: Awaited<typeof loading>) => {
          const { method, headers, body = null } = request;
          try {
            poolOf(origin, undici).dispatch({ path, method, headers, body }, exchange);
          } catch (cause) {
            fail(cause);
          }
        };
        if (loaded) dispatch(loaded);
        else loading.then(dispatch, fail);
      });
    },

    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

/** One request on its way: the handler that `undici` calls, and the body that the reader pulls. */
class Exchange implements Dispatcher.DispatchHandler, UpstreamBody {
  readonly #signal: AbortSignal;
  readonly #resolve: (response: UpstreamResponse) => void;
  readonly #reject: (error: TransportError) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #answered = false;
  #sent = false;
  #pieces: Uint8Array[] = [];
  #waitingBytes = 0;
  #discarding = false;
  #ended = false;
  #error: TransportError | undefined;
  #wake: (() => void) | undefined;

  constructor(
    signal: AbortSignal,
    resolve: (response: UpstreamResponse) => void,
    reject: (error: TransportError) => void,
  ) {
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    if (signal.aborted) this.#abort();
    else signal.addEventListener('abort', this.#abort, { once: true });
  }

  readonly #abort = (): void => {
    const error = new TransportError('aborted', new Error('the exchange was aborted'));
    this.#finish(error);
    this.#controller?.abort(error);
  };

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
    if (status < 200) return;
    this.#answered = true;
    const single: Record<string, string> = {};
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) single[name] = Array.isArray(value) ? (value[0] ?? '') : value;
    }
    const encoding = single['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      controller.abort(new Error(`the answer is encoded as ${encoding}, which was not asked for`));
      return;
    }
    this.#resolve({ status, headers: single, body: this });
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Uint8Array): void {
    if (this.#ended) return;
    this.#waitingBytes += piece.byteLength;
    if (this.#discarding) {
      if (this.#waitingBytes > DISCARD_BYTES) this.cancel();
      return;
    }
    this.#pieces.push(piece);
    if (this.#waitingBytes >= HIGH_WATER_BYTES) controller.pause();
    this.#notify();
  }

  onResponseEnd(): void {
    this.#finish(undefined);
  }

  onResponseError(_controller: unknown, cause: unknown): void {
    if (this.#error) return;
    this.#finish(new TransportError(this.#sent ? 'lost' : 'connect', cause));
  }

  async read(): Promise<readonly Uint8Array[] | undefined> {
    while (this.#pieces.length === 0) {
      if (this.#error) throw this.#error;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const pieces = this.#pieces;
    this.#pieces = [];
    if (this.#waitingBytes >= HIGH_WATER_BYTES) this.#controller?.resume();
    this.#waitingBytes = 0;
    return pieces;
  }

  cancel(): void {
    if (!this.#ended) this.#abort();
  }

  discard(): void {
    if (this.#ended) return;
    this.#discarding = true;
    this.#waitingBytes = 0;
    this.#controller?.resume();
  }

  #finish(error: TransportError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#signal.removeEventListener('abort', this.#abort);
    if (!this.#answered && error) this.#reject(error);
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
