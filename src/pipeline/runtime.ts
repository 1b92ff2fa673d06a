import type { LiveCatalog } from '../catalog/live-catalog.js';
import type { Hook } from '../hooks/hook.js';
import type { KeptItems } from '../items/kept-items.js';
import type { CachedKeyStore } from '../keys/cached-key-store.js';
import type { KeyUses } from '../keys/key-uses.js';
import type { GatewayError } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import type { Meter } from '../meter/meter.js';
import type { Notifications } from '../meter/notifications.js';
import type { UsageListeners } from '../meter/usage-listeners.js';
import type { RequestObserver } from '../observe/observer.js';
import type { Transport } from '../upstream/transport.js';
import type { Watchdog } from '../upstream/watchdog.js';
import type { Targets } from './calling/targets.js';
import type { AttributionOptions, HostAuthenticate } from './identity.js';
import type { LogFacts } from './log-facts.js';
import type { CountTokens } from './operation.js';
import type { Settings } from './settings.js';
import type { Settler } from './settler.js';
import type { ClientClocks } from './streaming/client-clock.js';
import type { Drains } from './streaming/drains.js';
import type { LateReports } from './streaming/late-reports.js';
import type { BodyBytes } from './upkeep/body-bytes.js';
import type { InFlight } from './upkeep/in-flight.js';
import type { Leases } from './upkeep/leases.js';
import type { Refusals } from './upkeep/refusals.js';

/** The parts a gateway is wired from; every stage takes from it what it needs. */
export interface Runtime {
  readonly settings: Settings;
  /** What is offered now; a request keeps to the `catalog` of its principal. */
  readonly catalog: LiveCatalog;
  readonly keys: CachedKeyStore;
  readonly limiter: RateLimiter;
  readonly meter: Meter;
  readonly leases: Leases;
  /** Delivers the events that the host subscribed to. */
  readonly notifications: Notifications;
  readonly settler: Settler;
  readonly targets: Targets;
  readonly clientClocks: ClientClocks;
  readonly drains: Drains;
  readonly lateReports: LateReports;
  readonly inFlight: InFlight;
  /** Bodies in memory. */
  readonly bodies: BodyBytes;
  readonly refusals: Refusals;
  readonly transport: Transport;
  readonly watchdog: Watchdog;
  readonly logger: Logger;
  readonly now: () => number;
  readonly random: () => number;
  readonly countTokens: CountTokens | undefined;
  /** Who is behind a request without a credential. */
  readonly authenticate: HostAuthenticate | undefined;
  readonly attribution: AttributionOptions | undefined;
  /** Notes that a key was used; written in batches. */
  readonly keyUses: KeyUses;
  /** What answers leave behind for later requests. */
  readonly keptItems: KeptItems;
  /** Who follows requests; usually nobody. */
  readonly observers: readonly RequestObserver[];
  /** Hands the host what must go on after an answer; undefined: the process lives on. */
  readonly background: ((work: Promise<unknown>) => void) | undefined;
  /** Writes what waits to be written in the background. Never rejects. */
  readonly flush: () => Promise<void>;
  /** Logs a fault that is not the client's and calls `onError`. */
  reportFault(requestId: string, error: GatewayError, facts?: LogFacts): void;
  readonly usageListeners: UsageListeners;
  /** Checks and changes of requests and answers, in order. */
  readonly hooks: readonly Hook[];
}
