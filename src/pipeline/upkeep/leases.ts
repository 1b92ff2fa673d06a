import type { Logger } from '../../lib/logger.js';
import { describeFault } from '../../lib/logger.js';
import { andThen, type MaybePromise } from '../../lib/maybe-promise.js';
import { Ticker } from '../../lib/ticker.js';
import { inTime } from '../../lib/time-limit.js';
import type { HoldId, Meter } from '../../meter/meter.js';
import type { Notifications } from '../../meter/notifications.js';
import { StoreClock } from './store-clock.js';

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
  readonly #clock: StoreClock;
  readonly #now: () => number;
  readonly #logger: Logger;
  readonly #openHolds: () => readonly HoldId[];
  readonly #notifications: Pick<Notifications, 'grantsExpiringMs' | 'wake'> | undefined;
  readonly #ticker = new Ticker(BEAT_MS, () => {
    void this.beat();
    return this.#idleBeats < LAST_BEATS;
  });
  #idleBeats = 0;
  /** The store could not be reached: other processes may not have been able to extend their leases either. */
  #missed = false;

  /**
   * @param openHolds the holds whose requests run.
   * @param clock by which leases end. @default the meter's, or `now`
   */
  constructor(
    meter: Meter,
    openHolds: () => readonly HoldId[],
    now: () => number,
    logger: Logger,
    notifications?: Pick<Notifications, 'grantsExpiringMs' | 'wake'>,
    clock = new StoreClock(meter, now),
  ) {
    this.#meter = meter;
    this.#openHolds = openHolds;
    this.#notifications = notifications;
    this.#now = now;
    this.#clock = clock;
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
    return andThen(this.#clock.at(now), (time) => time + LEASE_MS);
  }

  /** Extends the open leases and releases those that have lapsed. Never rejects. */
  async beat(): Promise<void> {
    const open = this.#openHolds();
    this.#idleBeats = open.length > 0 ? 0 : this.#idleBeats + 1;
    await this.#write(async () => {
      await this.#clock.ask();
      const now = await this.#clock.at(this.#now());
      if (open.length > 0) await this.#meter.extend(open, now + LEASE_MS);
      await this.#expire();
    });
  }

  /** Where the store answers at once this does, too: the first request may need the money of a hold that was left behind. */
  #expire(): MaybePromise<void> {
    return andThen(this.#clock.at(this.#now()), (now) => {
      const missed = this.#missed;
      this.#missed = false;
      // Leases that look lapsed may be of processes that run: they extend them within a beat.
      if (this.#clock.wasSetForward(now) || missed) return;
      const grantsExpiringMs = this.#notifications?.grantsExpiringMs;
      return andThen(this.#meter.expire(now, grantsExpiringMs === undefined ? {} : { grantsExpiringMs }), () => {
        if (grantsExpiringMs !== undefined) this.#notifications?.wake();
      });
    });
  }

  async #write(change: () => MaybePromise<unknown>): Promise<void> {
    try {
      await inTime(change(), BEAT_MS, 'the store');
    } catch (thrown) {
      this.#missed = true;
      this.#logger.warn({ fault: describeFault(thrown) }, 'leases could not be extended or ended');
    }
  }

  stop(): void {
    this.#ticker.stop();
  }
}
