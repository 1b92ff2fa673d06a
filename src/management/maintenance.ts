import type { KeptItems } from '../items/kept-items.js';
import type { KeyStore } from '../keys/key-store.js';
import type { Logger } from '../lib/logger.js';
import { describeFault } from '../lib/logger.js';
import type { OptionNames } from '../lib/option-names.js';
import { unrefTimer } from '../lib/timers.js';
import type { RequestLog } from '../requests/request-log.js';
import type { StoreUpkeep } from '../stores/upkeep.js';
import { invalid, readOptions, readTime, type Time } from './management.js';

/** What to delete. */
export interface PruneOptions {
  /** Usage events from before the beginning of this UTC day; sums and ledger stay exact. At least a day ago. */
  readonly eventsBefore?: Time;
  /** Records of the request log from before this instant. */
  readonly requestsBefore?: Time;
  /** Sessions that ended before this instant. @default a day ago */
  readonly sessionsBefore?: Time;
  /** Holds that were released or have expired, from before this instant. @default a day ago */
  readonly holdsBefore?: Time;
}

const PRUNE: OptionNames<PruneOptions> = {
  eventsBefore: true,
  requestsBefore: true,
  sessionsBefore: true,
  holdsBefore: true,
};

/** How many rows went. */
export interface Pruned {
  readonly events: number;
  readonly requests: number;
  readonly sessions: number;
  readonly holds: number;
}

/** Upkeep of the store. */
export interface Maintenance {
  /**
   * Deletes what is old, kept items that have expired included, in small steps that hold no lock for long; requests go on
   * meanwhile.
   *
   * @throws {GatewayError} `invalid_value` for events of the last 24 hours: they keep a late settlement from being
   *   charged twice.
   */
  prune(options: PruneOptions): Promise<Pruned>;
}

/** What is pruned, and when it is now. */
export interface PrunedParts {
  readonly upkeep: StoreUpkeep | undefined;
  readonly requests: RequestLog | undefined;
  readonly keys: Pick<KeyStore, 'pruneSessions'>;
  readonly items: KeptItems;
  readonly now: () => number;
}

const DAY_MS = 86_400_000;
/** A step holds the event loop of a SQLite store for a millisecond or two. */
const STEP = 100;
const PAUSE_MS = 5;

export function maintenanceOf(parts: PrunedParts): Maintenance {
  return {
    async prune(options) {
      const { eventsBefore, requestsBefore, sessionsBefore, holdsBefore } = readOptions(
        'maintenance.prune',
        options,
        PRUNE,
      );
      const now = parts.now();
      const events = eventsBefore === undefined ? undefined : readTime(eventsBefore, 'eventsBefore');
      if (events !== undefined && events > now - DAY_MS) throw invalid('eventsBefore', 'it must be at least a day ago');
      return pruneAll(parts, {
        events,
        requests: requestsBefore === undefined ? undefined : readTime(requestsBefore, 'requestsBefore'),
        sessions: sessionsBefore === undefined ? now - DAY_MS : readTime(sessionsBefore, 'sessionsBefore'),
        holds: holdsBefore === undefined ? now - DAY_MS : readTime(holdsBefore, 'holdsBefore'),
      });
    },
  };
}

interface Ages {
  readonly events: number | undefined;
  readonly requests: number | undefined;
  readonly sessions: number;
  readonly holds: number;
}

async function pruneAll({ upkeep, requests, keys, items }: PrunedParts, before: Ages): Promise<Pruned> {
  await items.prune();
  const day = before.events === undefined ? undefined : Math.floor(before.events / DAY_MS) * DAY_MS;
  return {
    events: day === undefined || !upkeep ? 0 : await inSteps((limit) => upkeep.pruneEvents(day, limit)),
    requests: await inSteps((limit) =>
      before.requests === undefined ? 0 : (requests?.prune(before.requests, limit) ?? 0),
    ),
    sessions: (await keys.pruneSessions?.(before.sessions)) ?? 0,
    holds: upkeep ? await inSteps((limit) => upkeep.pruneHolds(before.holds, limit)) : 0,
  };
}

async function inSteps(step: (limit: number) => number | Promise<number>): Promise<number> {
  for (let total = 0; ; ) {
    const gone = await step(STEP);
    total += gone;
    if (gone < STEP) return total;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

const FIRST_ROUND_MS = 60_000;
const ROUND_MS = 3_600_000;

/** How long what is kept, in milliseconds; undefined: for ever. */
export interface RetentionAges {
  readonly events: number | undefined;
  readonly requests: number | undefined;
}

/** Prunes every hour by itself. */
export class Retention {
  readonly #parts: PrunedParts;
  readonly #ages: RetentionAges;
  readonly #logger: Logger;
  #timer: ReturnType<typeof setTimeout>;
  #closed = false;

  constructor(parts: PrunedParts, ages: RetentionAges, logger: Logger) {
    this.#parts = parts;
    this.#ages = ages;
    this.#logger = logger;
    this.#timer = this.#later(FIRST_ROUND_MS);
  }

  /** One round. Never rejects. */
  async prune(): Promise<void> {
    const now = this.#parts.now();
    const { events, requests } = this.#ages;
    try {
      await pruneAll(this.#parts, {
        events: events === undefined ? undefined : now - Math.max(events, DAY_MS),
        requests: requests === undefined ? undefined : now - requests,
        sessions: now - DAY_MS,
        holds: now - DAY_MS,
      });
    } catch (thrown) {
      this.#logger.warn({ fault: describeFault(thrown) }, 'old rows were not deleted; another round follows');
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
