import { Cancellation } from '../lib/cancellation.js';
import { IntrusiveList, ListNode } from '../lib/intrusive-list.js';
import { Ticker } from '../lib/ticker.js';

/** Milliseconds. */
export interface WatchLimits {
  readonly firstByteMs: number;
  readonly idleMs: number;
}

/** Which limit an exchange passed. */
export type Expiry = 'first_byte' | 'idle' | 'total' | 'shutdown';

/** The limits of one exchange with a provider. */
export interface Watch {
  /** Of the exchange: a limit has passed, or the client has disconnected. */
  readonly cancellation: Cancellation;
  /** The limit that has passed, if any. */
  readonly expired: Expiry | undefined;
  /** Bytes arrived, or the reader waits for some again: the idle limit starts again. */
  readonly touch: () => void;
  /** Pauses the idle limit until the next `touch`: the client is what we are waiting for. */
  rest(): void;
  /** Ends the exchange, whatever it waits for. */
  abort(): void;
  /** The exchange is over; nothing is watched any more. Must be called once for each watch. */
  close(): void;
}

const SLOWEST_TICK_MS = 1_000;
const FASTEST_TICK_MS = 5;
/** Limits of a pause: only the deadline, the client and a shutdown end it. */
const NONE: WatchLimits = { firstByteMs: Number.POSITIVE_INFINITY, idleMs: Number.POSITIVE_INFINITY };

/**
 * Keeps the time limits of all exchanges with one shared timer, so that no request and no chunk sets one.
 *
 * A limit is noticed at most a quarter of the shortest limit, and at most a second, late.
 */
export class Watchdog {
  readonly #open = new IntrusiveList<OpenWatch>();
  readonly #limits: WatchLimits;
  readonly #ticker: Ticker;
  #down = false;

  constructor(limits: WatchLimits & { readonly totalMs: number }) {
    this.#limits = limits;
    const shortest = Math.min(limits.firstByteMs, limits.idleMs, limits.totalMs);
    this.#ticker = new Ticker(Math.max(FASTEST_TICK_MS, Math.min(SLOWEST_TICK_MS, shortest / 4)), () => this.#check());
  }

  /** Exchanges that are open now. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Watches one exchange.
   *
   * @param client canceled when the client has disconnected; undefined: the exchange goes on without it.
   * @param deadline on the clock of `performance.now()`.
   */
  watch(client: Cancellation | undefined, deadline: number): Watch {
    return this.#add(this.#limits, client, deadline);
  }

  /**
   * Waits; false when the deadline passed, the client left or the gateway shut down meanwhile. Keeps the process alive:
   * somebody waits for the request.
   */
  async pause(delayMs: number, client: Cancellation | undefined, deadline: number): Promise<boolean> {
    if (performance.now() + delayMs >= deadline) return false;
    const watch = this.#add(NONE, client, deadline);
    const { cancellation } = watch;
    if (delayMs > 0 && !cancellation.canceled) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, delayMs);
        cancellation.onCancel(() => resolve(clearTimeout(timer)));
      });
    }
    watch.close();
    return !cancellation.canceled;
  }

  /** Ends every open exchange as expired, and each that begins from now on. */
  shutdown(): void {
    this.#down = true;
    for (const watch of this.#open.items()) watch.expire('shutdown');
  }

  #add(limits: WatchLimits, client: Cancellation | undefined, deadline: number): Watch {
    const watch = new OpenWatch(limits, client, deadline, this.#open);
    this.#ticker.start();
    if (this.#down) watch.expire('shutdown');
    return watch;
  }

  #check(): boolean {
    const now = performance.now();
    for (const watch of this.#open.items()) watch.check(now);
    return this.#open.size > 0;
  }

  /** Stops the timer, which otherwise ends with the first tick that has nothing to watch. */
  close(): void {
    this.#ticker.stop();
  }
}

class OpenWatch extends ListNode implements Watch {
  expired: Expiry | undefined;
  readonly cancellation = new Cancellation();
  readonly #limits: WatchLimits;
  readonly #client: Cancellation | undefined;
  readonly #deadline: number;
  /** Of the watchdog. */
  readonly #open: IntrusiveList<OpenWatch>;
  /** Infinite while nobody waits for the provider. */
  #silentSince = performance.now();
  #answered = false;

  constructor(limits: WatchLimits, client: Cancellation | undefined, deadline: number, open: IntrusiveList<OpenWatch>) {
    super();
    this.#limits = limits;
    this.#client = client;
    this.#deadline = deadline;
    this.#open = open;
    open.add(this);
    client?.onCancel(this.abort);
  }

  readonly touch = (): void => {
    this.#answered = true;
    this.#silentSince = performance.now();
  };

  rest(): void {
    this.#silentSince = Number.POSITIVE_INFINITY;
  }

  readonly abort = (): void => {
    this.cancellation.cancel();
  };

  check(now: number): void {
    if (now >= this.#deadline) this.expire('total');
    else if (now - this.#silentSince >= (this.#answered ? this.#limits.idleMs : this.#limits.firstByteMs)) {
      this.expire(this.#answered ? 'idle' : 'first_byte');
    }
  }

  expire(expiry: Expiry): void {
    if (this.cancellation.canceled) return;
    this.expired = expiry;
    this.close();
    this.cancellation.cancel();
  }

  close(): void {
    this.#client?.off(this.abort);
    this.#open.delete(this);
  }
}
