/** Milliseconds. */
export interface WatchLimits {
  readonly firstByteMs: number;
  readonly idleMs: number;
}

/** Which limit an exchange passed. */
export type Expiry = 'first_byte' | 'idle' | 'total' | 'shutdown';

/** The limits of one exchange with a provider. */
export interface Watch {
  /** Aborted when a limit has passed or the client is gone. */
  readonly signal: AbortSignal;
  /** The limit that has passed, if any. */
  readonly expired: Expiry | undefined;
  /** Bytes arrived: the idle limit starts again. */
  readonly touch: () => void;
  /** Ends the exchange, whatever it waits for. */
  abort(): void;
  /** The exchange is over; nothing is watched any more. Must be called once for each watch. */
  close(): void;
}

const SLOWEST_TICK_MS = 1_000;
const FASTEST_TICK_MS = 5;

/**
 * Keeps the time limits of all exchanges with one shared timer, so that no request and no chunk sets one.
 *
 * A limit is noticed at most a quarter of the shortest limit, and at most a second, late.
 */
export class Watchdog {
  readonly #open = new Set<OpenWatch>();
  readonly #limits: WatchLimits;
  readonly #tickMs: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(limits: WatchLimits & { readonly totalMs: number }) {
    this.#limits = limits;
    const shortest = Math.min(limits.firstByteMs, limits.idleMs, limits.totalMs);
    this.#tickMs = Math.max(FASTEST_TICK_MS, Math.min(SLOWEST_TICK_MS, shortest / 4));
  }

  /** Exchanges that are open now. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Watches one exchange.
   *
   * @param client aborted when the client is gone; undefined: the exchange goes on without it.
   * @param deadline on the clock of `performance.now()`.
   */
  watch(client: AbortSignal | undefined, deadline: number): Watch {
    const watch = new OpenWatch(this.#limits, client, deadline, () => this.#open.delete(watch));
    this.#open.add(watch);
    this.#timer ??= this.#start();
    return watch;
  }

  /** Ends every open exchange as expired. */
  shutdown(): void {
    for (const watch of this.#open) watch.expire('shutdown');
  }

  #start(): ReturnType<typeof setInterval> {
    const timer = setInterval(() => {
      if (this.#open.size === 0) return this.close();
      const now = performance.now();
      for (const watch of this.#open) watch.check(now);
    }, this.#tickMs);
    (timer as { unref?: () => void }).unref?.();
    return timer;
  }

  /** Stops the timer, which otherwise ends with the first tick that has nothing to watch. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

class OpenWatch implements Watch {
  expired: Expiry | undefined;
  readonly touch: () => void;
  readonly #controller = new AbortController();
  readonly #limits: WatchLimits;
  readonly #client: AbortSignal | undefined;
  readonly #deadline: number;
  readonly #onClose: () => void;
  #silentSince = performance.now();
  #answered = false;

  constructor(limits: WatchLimits, client: AbortSignal | undefined, deadline: number, onClose: () => void) {
    this.#limits = limits;
    this.#client = client;
    this.#deadline = deadline;
    this.#onClose = onClose;
    this.touch = () => {
      this.#answered = true;
      this.#silentSince = performance.now();
    };
    if (client?.aborted) this.abort();
    else client?.addEventListener('abort', this.abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly abort = (): void => {
    this.#controller.abort();
  };

  check(now: number): void {
    if (now >= this.#deadline) this.expire('total');
    else if (now - this.#silentSince >= (this.#answered ? this.#limits.idleMs : this.#limits.firstByteMs)) {
      this.expire(this.#answered ? 'idle' : 'first_byte');
    }
  }

  expire(expiry: Expiry): void {
    this.expired = expiry;
    this.close();
    this.#controller.abort();
  }

  close(): void {
    this.#client?.removeEventListener('abort', this.abort);
    this.#onClose();
  }
}
