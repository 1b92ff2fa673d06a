import { describeFault, type Logger } from '../lib/logger.js';
import { unrefTimer } from '../lib/timers.js';
import type { Ages, PruneResult } from './maintenance.js';

const DAY_MS = 86_400_000;
const FIRST_ROUND_MS = 60_000;
const ROUND_MS = 3_600_000;

/** How long each kind of record is kept, in milliseconds; undefined: forever. */
export interface RetentionAges {
  readonly events: number | undefined;
  readonly requests: number | undefined;
}

/** Deletes what is older. */
export type Prune = (before: Ages) => Promise<PruneResult>;

/** Prunes every hour by itself. */
export class Retention {
  readonly #prune: Prune;
  readonly #now: () => number;
  readonly #ages: RetentionAges;
  readonly #logger: Logger;
  #timer: ReturnType<typeof setTimeout>;
  #closed = false;

  constructor(prune: Prune, ages: RetentionAges, now: () => number, logger: Logger) {
    this.#prune = prune;
    this.#now = now;
    this.#ages = ages;
    this.#logger = logger;
    this.#timer = this.#later(FIRST_ROUND_MS);
  }

  /** One round. Never rejects. */
  async prune(): Promise<void> {
    const now = this.#now();
    const { events, requests } = this.#ages;
    try {
      await this.#prune({
        events: events === undefined ? undefined : now - Math.max(events, DAY_MS),
        requests: requests === undefined ? undefined : now - requests,
        sessions: now - DAY_MS,
        holds: now - DAY_MS,
      });
    } catch (thrown) {
      this.#logger.warn({ fault: describeFault(thrown) }, 'could not delete old rows; the next round tries again');
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #later(delayMs: number): ReturnType<typeof setTimeout> {
    const round = () =>
      void this.prune().then(() => {
        if (!this.#closed) this.#timer = this.#later(ROUND_MS);
      });
    return unrefTimer(setTimeout(round, delayMs));
  }
}
