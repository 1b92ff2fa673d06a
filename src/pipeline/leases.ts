import type { Logger } from '../logger.js';
import { describeFault } from '../logger.js';
import type { Meter } from '../meter/meter.js';

/** How long a hold outlives a process that died. */
const LEASE_MS = 120_000;
/** How often running requests extend theirs, and lapsed ones are swept. */
const BEAT_MS = 30_000;

/**
 * Keeps the leases of all open holds, and gives back those that a process which died has left, with one shared timer.
 *
 * The timer runs from the first attempt to hold money: when a dead process's holds tie up a whole balance, no new hold
 * succeeds, and yet they must be swept.
 */
export class Leases {
  readonly #meter: Meter;
  readonly #now: () => number;
  readonly #logger: Logger;
  readonly #open = new Set<string>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(meter: Meter, now: () => number, logger: Logger) {
    this.#meter = meter;
    this.#now = now;
    this.#logger = logger;
  }

  /** The lease end of a hold made at `now`. */
  expiresAt(now: number): number {
    this.#start();
    return now + LEASE_MS;
  }

  add(id: string): void {
    this.#open.add(id);
  }

  remove(id: string): void {
    this.#open.delete(id);
  }

  /** Extends the open leases and gives back what others left behind. Never rejects. */
  async beat(): Promise<void> {
    const now = this.#now();
    try {
      if (this.#open.size > 0) await this.#meter.extend([...this.#open], now + LEASE_MS);
      await this.#meter.expire(now);
    } catch (thrown) {
      this.#logger.warn({ fault: describeFault(thrown) }, 'leases could not be extended');
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): void {
    if (this.#timer) return;
    this.#timer = setInterval(() => void this.beat(), BEAT_MS);
    (this.#timer as { unref?: () => void }).unref?.();
  }
}
