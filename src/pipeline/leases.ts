import type { Logger } from '../logger.js';
import { describeFault } from '../logger.js';
import type { Meter } from '../meter/meter.js';
import { inBackground } from '../upstream/background.js';

/** How long a hold outlives a process that died. */
const LEASE_MS = 120_000;
/** How often running requests extend theirs, and lapsed ones are swept. */
const BEAT_MS = 30_000;

/** Keeps the leases of all open holds with one shared timer, which runs only while there are any. */
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
    return now + LEASE_MS;
  }

  add(id: string): void {
    this.#open.add(id);
    if (this.#timer) return;
    this.#timer = inBackground(setInterval(() => void this.beat(), BEAT_MS));
  }

  remove(id: string): void {
    this.#open.delete(id);
    if (this.#open.size === 0) this.stop();
  }

  /** Extends the open leases and gives back what others left behind. Never rejects. */
  async beat(): Promise<void> {
    const now = this.#now();
    try {
      if (this.#open.size > 0) await this.#meter.extend([...this.#open], this.expiresAt(now));
      await this.#meter.expire(now);
    } catch (thrown) {
      this.#logger.warn({ fault: describeFault(thrown) }, 'leases could not be extended');
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
