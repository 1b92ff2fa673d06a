import type { KeptItems } from '../items/kept-items.js';
import type { KeyStore } from '../keys/key-store.js';
import type { OptionNames } from '../lib/option-names.js';
import { inSmallSteps } from '../lib/small-steps.js';
import type { RequestLog } from '../requests/request-log.js';
import type { StoreUpkeep } from '../stores/upkeep.js';
import { invalid, readOptions, type Time } from './management.js';
import { readPastTime, readTime } from './queries.js';

/** What to delete. */
export interface PruneOptions {
  /**
   * Usage events from before the beginning of this UTC day; sums and ledger stay exact. At least a day ago. The memory store keeps
   * a number of events in place of an age (`maxEvents`) and deletes none here.
   */
  readonly eventsBefore?: Time | undefined;
  /** Records of the request log from before this instant. */
  readonly requestsBefore?: Time | undefined;
  /** Sessions that ended before this instant. @default a day ago */
  readonly sessionsBefore?: Time | undefined;
  /** Holds that were released or have expired, from before this instant. @default a day ago */
  readonly holdsBefore?: Time | undefined;
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
   * @throws {GatewayError} `invalid_value` for events of the last 24 hours, which keep a late settlement from being
   *   charged twice, and for instants that are still to come.
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
        requests: requestsBefore === undefined ? undefined : readPastTime(requestsBefore, 'requestsBefore', now),
        sessions: sessionsBefore === undefined ? now - DAY_MS : readPastTime(sessionsBefore, 'sessionsBefore', now),
        holds: holdsBefore === undefined ? now - DAY_MS : readPastTime(holdsBefore, 'holdsBefore', now),
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
    events: day === undefined || !upkeep ? 0 : await inSmallSteps((limit) => upkeep.pruneEvents(day, limit)),
    requests: await inSmallSteps((limit) =>
      before.requests === undefined ? 0 : (requests?.prune(before.requests, limit) ?? 0),
    ),
    sessions: (await keys.pruneSessions?.(before.sessions)) ?? 0,
    holds: upkeep ? await inSmallSteps((limit) => upkeep.pruneHolds(before.holds, limit)) : 0,
  };
}
