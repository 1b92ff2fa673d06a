import type { Logger } from '../../lib/logger.js';
import { describeFault } from '../../lib/logger.js';
import { andThen, type MaybePromise } from '../../lib/maybe-promise.js';
import { Ticker } from '../../lib/ticker.js';
import { inTime } from '../../lib/time-limit.js';
import type { HoldId, Meter } from '../../meter/meter.js';
import type { Notifications } from '../../meter/notifications.js';

/** How long a hold survives a process that died. */
const LEASE_MS = 120_000;
/** How often running requests extend theirs, and lapsed ones are swept. */
const BEAT_MS = 30_000;
/** After this many beats without a request, every lease of a process that died has lapsed. */
const LAST_BEATS = LEASE_MS / BEAT_MS + 1;

/**
 * Keeps the leases of all open holds, and releases those of processes that died: at the first hold, then with
 * one shared timer for as long as there can be any.
 */
export class Leases {
  readonly #meter: Meter;
  readonly #now: () => number;
  readonly #logger: Logger;
  readonly #openHolds: () => readonly HoldId[];
  readonly #notifications: Pick<Notifications, 'grantsExpiringMs' | 'wake'> | undefined;
  /** What the store's clock is ahead of this process's; undefined: not known yet. */
  #ahead: number | undefined;
  readonly #ticker = new Ticker(BEAT_MS, () => {
    void this.beat();
    return this.#idleBeats < LAST_BEATS;
  });
  #idleBeats = 0;

  /** @param openHolds the holds whose requests run. */
  constructor(
    meter: Meter,
    openHolds: () => readonly HoldId[],
    now: () => number,
    logger: Logger,
    notifications?: Pick<Notifications, 'grantsExpiringMs' | 'wake'>,
  ) {
    this.#meter = meter;
    this.#openHolds = openHolds;
    this.#notifications = notifications;
    this.#now = now;
    this.#ahead = meter.clock ? undefined : 0;
    this.#logger = logger;
  }

  /**
   * The lease end of a hold that is to be made at `now`, by the store's clock.
   *
   * @throws when the store can't be asked for its time.
   */
  begin(now: number): MaybePromise<number> {
    this.#idleBeats = 0;
    if (!this.#ticker.running) {
      this.#ticker.start();
      // A hold that was left behind may be what keeps the first request from being affordable.
      void this.#write(() => this.#expire());
    }
    if (this.#ahead !== undefined) return now + this.#ahead + LEASE_MS;
    return andThen(this.#askClock(), () => now + (this.#ahead ?? 0) + LEASE_MS);
  }

  /** Extends the open leases and releases those that have lapsed. Never rejects. */
  async beat(): Promise<void> {
    const open = this.#openHolds();
    this.#idleBeats = open.length > 0 ? 0 : this.#idleBeats + 1;
    await this.#write(async () => {
      await this.#askClock();
      const now = this.#now() + (this.#ahead ?? 0);
      if (open.length > 0) await this.#meter.extend(open, now + LEASE_MS);
      await this.#expire();
    });
  }

  /** Clocks drift and are set: the store is asked for its time now and then. */
  #askClock(): MaybePromise<void> {
    if (!this.#meter.clock) return;
    return andThen(this.#meter.clock(), (time) => {
      this.#ahead = time - this.#now();
    });
  }

  async #expire(): Promise<void> {
    if (this.#ahead === undefined) await this.#askClock();
    const now = this.#now() + (this.#ahead ?? 0);
    const grantsExpiringMs = this.#notifications?.grantsExpiringMs;
    await this.#meter.expire(now, grantsExpiringMs === undefined ? {} : { grantsExpiringMs });
    if (grantsExpiringMs !== undefined) this.#notifications?.wake();
  }

  async #write(change: () => MaybePromise<unknown>): Promise<void> {
    try {
      await inTime(change(), BEAT_MS, 'the store');
    } catch (thrown) {
      this.#logger.warn({ fault: describeFault(thrown) }, 'leases could not be extended or ended');
    }
  }

  stop(): void {
    this.#ticker.stop();
  }
}
