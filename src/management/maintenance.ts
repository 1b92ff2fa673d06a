import type { KeptItems } from '../items/kept-items.js';
import type { KeyStore } from '../keys/key-store.js';
import type { OptionNames } from '../lib/option-names.js';
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

/** How many rows were deleted. */
export interface PruneResult {
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
  prune(options: PruneOptions): Promise<PruneResult>;
}

/** What is pruned, and when it is now. */
export interface PruneParts {
  readonly upkeep: StoreUpkeep | undefined;
  readonly requests: RequestLog | undefined;
  readonly keys: Pick<KeyStore, 'pruneSessions'>;
  readonly items: KeptItems;
  readonly now: () => number;
}

const DAY_MS = 86_400_000;
/** A step holds the event loop of a SQLite store for a millisecond or two. */
const STEP = 100;
/** After a step three times as long as it took passes, so that requests have most of the store. */
const PAUSE = 3;
const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1_000;

export function maintenanceOf(parts: PruneParts): Maintenance {
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

/** What is deleted: from before these instants. */
export interface Ages {
  readonly events: number | undefined;
  readonly requests: number | undefined;
  readonly sessions: number;
  readonly holds: number;
}

export async function pruneAll({ upkeep, requests, keys, items }: PruneParts, before: Ages): Promise<PruneResult> {
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
    const began = performance.now();
    const gone = await step(STEP);
    total += gone;
    if (gone < STEP) return total;
    const pauseMs = Math.min(Math.max(PAUSE * (performance.now() - began), SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
