import { andThen, type MaybePromise } from '../../lib/maybe-promise.js';
import type { Meter } from '../../meter/meter.js';

/** What a clock may be ahead of where it would be by itself before it counts as set: half a lease, and more than clocks drift. */
const JUMP_MS = 60_000;

/** A moment on the store's clock, and on one of this process that never jumps. */
interface Moment {
  readonly time: number;
  readonly steady: number;
}

/** The clock by which leases end: the store's own where it has one, as processes whose clocks differ share it. */
export class StoreClock {
  readonly #meter: Pick<Meter, 'clock'>;
  readonly #now: () => number;
  readonly #monotonic: () => number;
  /** What the store's clock is ahead of this process's; undefined: not known yet. */
  #ahead: number | undefined;
  #last: Moment | undefined;

  /**
   * @param now the wall clock of this process.
   * @param monotonic a clock that never jumps, in milliseconds.
   */
  constructor(meter: Pick<Meter, 'clock'>, now: () => number, monotonic = () => performance.now()) {
    this.#meter = meter;
    this.#now = now;
    this.#monotonic = monotonic;
    this.#ahead = meter.clock ? undefined : 0;
  }

  /** What the store's clock says when this process's says `now`; asks the store where that is not known yet. */
  at(now: number): MaybePromise<number> {
    if (this.#ahead !== undefined) return now + this.#ahead;
    return andThen(this.ask(), () => now + (this.#ahead ?? 0));
  }

  /** Asks the store for its time: clocks drift and are set. */
  ask(): MaybePromise<void> {
    if (!this.#meter.clock) return;
    return andThen(this.#meter.clock(), (time) => {
      this.#ahead = time - this.#now();
    });
  }

  /** Whether the clock was set forward since this was asked last. */
  wasSetForward(time: number): boolean {
    const last = this.#last;
    this.#last = { time, steady: this.#monotonic() };
    return last !== undefined && time - last.time - (this.#last.steady - last.steady) > JUMP_MS;
  }
}
