import { KeptItems } from '../items/kept-items.js';
import { type CachedKeyStore, cachedKeyStore } from '../keys/cached-key-store.js';
import { KeyUses } from '../keys/key-uses.js';
import { parseDuration } from '../lib/duration.js';
import { describeFault, type Logger } from '../lib/logger.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { memoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { LimiterState, RateLimiter } from '../limits/rate-limiter.js';
import type { CheckedParts } from '../management/check.js';
import type { PruneParts } from '../management/maintenance.js';
import type { ReadableRequestLog } from '../management/requests.js';
import { type Prune, Retention } from '../management/retention.js';
import { Notifications } from '../meter/notifications.js';
import { UsageListeners } from '../meter/usage-listeners.js';
import type { GatewayGauges } from '../observe/gauges.js';
import type { Runtime } from '../pipeline/runtime.js';
import { createSettler } from '../pipeline/settler.js';
import { ClientClocks } from '../pipeline/streaming/client-clock.js';
import { Drains } from '../pipeline/streaming/drains.js';
import { LateReports } from '../pipeline/streaming/late-reports.js';
import { BodyBytes } from '../pipeline/upkeep/body-bytes.js';
import { InFlight } from '../pipeline/upkeep/in-flight.js';
import { Leases } from '../pipeline/upkeep/leases.js';
import { Refusals } from '../pipeline/upkeep/refusals.js';
import type { ChangeLog } from '../stores/change-log.js';
import { memoryItems } from '../stores/memory/memory-items.js';
import { Watchdog } from '../upstream/watchdog.js';
import { ConfigSource } from './config-source.js';
import { type Configuration, configurationOf } from './configure.js';
import { type Foundations, foundationsOf } from './foundations.js';
import { type Observers, observersOf } from './observers.js';
import type { ConfigureOptions, GatewayOptions } from './options.js';
import { type OutboxParts, outboxOf } from './outbox-of.js';
import { faultReporter } from './report-fault.js';
import { transportOf } from './transport-of.js';

const REFRESH_MS = 30_000;
const ITEM_LIFETIME_MS = 86_400_000;
/** How long work in the background may try to empty the outbox. */
const BACKGROUND_MS = 10_000;

/** The parts of a gateway, and what must be closed with it. */
export interface Assembly {
  readonly runtime: Runtime;
  /** Writes what waits in the outbox; what still waits after the time is logged. */
  readonly outboxDrain: (timeoutMs: number) => Promise<void>;
  /** @throws {TypeError} that lists every mistake. */
  readonly configure: (change: ConfigureOptions) => void;
  readonly migrate: () => Promise<void>;
  readonly configSource: ConfigSource | undefined;
  readonly requestLog: ReadableRequestLog | undefined;
  /** What `maintenance` and `accounts` work on. */
  readonly pruned: PruneParts;
  /** Undefined where the store keeps none. */
  readonly changes: ChangeLog | undefined;
  /** What `gateway.check()` asks. */
  readonly checked: CheckedParts;
  /** Closed in this order. */
  readonly owned: readonly { close?(): MaybePromise<void> }[];
}

/** Puts a gateway together from checked options. */
export function assemble(options: GatewayOptions): Assembly {
  const base = foundationsOf(options);
  const { logger, now, random, store, meter, keyStore } = base;
  const configuration = configurationOf(options, now, random);
  const keys = keyCacheOf(base);
  const limiter = options.rateLimiter ?? memoryRateLimiter({ now: base.clock });
  const queue = outboxOf(base);
  const limiterState = watched(limiter, logger);
  const keptItems = keptItemsOf(base);
  const inFlight = new InFlight();
  const notifications = notificationsOf(base, configuration);
  const gauges = gaugesOf(inFlight, queue, keys, configuration);
  const observers = observersOf(options, store.requests, gauges, random, logger);
  const parts = { configuration, keys, limiter, queue, keptItems, inFlight, notifications, observers };
  const runtime = runtimeOf(base, parts);
  const configSource = configSourceOf(base, configuration);
  const pruned: PruneParts = { upkeep: store.upkeep, requests: store.requests, keys: keyStore, items: keptItems, now };
  const owned = [
    configSource,
    retentionOf(options, pruned, logger),
    notifications,
    ...observers.all,
    keptItems,
    options.items?.store || undefined,
    // A transport of the operator's own may serve others, too.
    options.transport ? undefined : runtime.transport,
    limiter,
    keys,
    options.keyEvents,
    meter,
    queue.outbox,
    store,
  ];
  return {
    runtime,
    outboxDrain: queue.lastDrain,
    migrate: async () => store.migrate?.(),
    configure: configuration.configure,
    configSource,
    requestLog: observers.requestLog,
    checked: { keyStore, meter, limiter, limiterState, outbox: queue.outbox, requestLog: observers.requestLog?.log },
    pruned,
    changes: store.changes,
    owned: owned.filter((part) => part !== undefined),
  };
}

/** What requests share, beside what the options themselves name. */
interface SharedParts {
  readonly configuration: Configuration;
  readonly keys: CachedKeyStore;
  readonly limiter: RateLimiter;
  readonly queue: OutboxParts;
  readonly keptItems: KeptItems;
  readonly inFlight: InFlight;
  readonly notifications: Notifications;
  readonly observers: Observers;
}

function runtimeOf(base: Foundations, parts: SharedParts): Runtime {
  const { options, settings, logger, now, random, clock, meter, keyStore } = base;
  const { configuration, keys, limiter, queue, keptItems, inFlight, notifications, observers } = parts;
  const keyUses = new KeyUses(keyStore, logger);
  return {
    settings,
    catalog: configuration.catalog,
    keys,
    limiter,
    meter,
    leases: new Leases(meter, () => inFlight.holds(), now, logger, notifications),
    notifications,
    settler: createSettler(meter, queue.outbox, queue.drainer.wake, logger, settings.timeouts.storeMs),
    targets: configuration.targets,
    clientClocks: new ClientClocks(settings.timeouts.clientStallMs),
    drains: new Drains(settings.drain.maxStreams),
    lateReports: new LateReports(settings.lateReports),
    inFlight,
    bodies: new BodyBytes(settings.bodyBounds),
    refusals: new Refusals(clock, settings.refusedPerMinute),
    transport: transportOf(options, settings.timeouts.connectMs),
    watchdog: new Watchdog(settings.timeouts),
    keyUses,
    keptItems,
    logger,
    now,
    random,
    countTokens: options.countTokens,
    authenticate: options.authenticate,
    attribution: options.attribution,
    usageListeners: new UsageListeners(options.onUsage, logger),
    observers: observers.all,
    background: options.background,
    flush: async () => {
      await Promise.all([keyUses.flush(), observers.requestLog?.flush(), queue.drainer.drain(BACKGROUND_MS)]);
    },
    reportFault: faultReporter(options),
    hooks: options.hooks ?? [],
  };
}

function keyCacheOf({ options, settings, keyStore, logger, now }: Foundations): CachedKeyStore {
  return cachedKeyStore(keyStore, {
    now,
    onError: (thrown) => logger.warn({ fault: describeFault(thrown) }, 'key events failed'),
    storeMs: settings.timeouts.storeMs,
    ...(options.keyEvents && { events: options.keyEvents }),
  });
}

/** Logs when the limiter's own store goes away and comes back. @returns what it said last. */
function watched(limiter: RateLimiter, logger: Logger): () => LimiterState | undefined {
  let last: LimiterState | undefined;
  limiter.watch?.((state) => {
    last = state;
    const { available, cause } = state;
    if (available) logger.warn({}, 'the store of the rate limiter is available again');
    else logger.warn({ fault: describeFault(cause) }, 'the store of the rate limiter is unavailable');
  });
  return () => last;
}

function keptItemsOf({ options, settings, store, now, logger }: Foundations): KeptItems {
  const itemStore = options.items?.store ?? store.items;
  return new KeptItems({
    store: itemStore || memoryItems(),
    lifetimeMs: parseDuration(options.items?.keep) ?? ITEM_LIFETIME_MS,
    storeMs: settings.timeouts.storeMs,
    now,
    logger,
  });
}

function notificationsOf({ options, meter, now, random, logger }: Foundations, { targets }: Configuration) {
  const { on: handlers = {}, thresholds = {} } = options;
  const notifications = new Notifications({ meter, handlers, thresholds, now, random, logger });
  targets.watch((target, up) => void notifications.add(up ? 'target.up' : 'target.down', null, { target }));
  return notifications;
}

function gaugesOf(
  inFlight: InFlight,
  { outbox }: OutboxParts,
  keys: CachedKeyStore,
  { targets }: Configuration,
): GatewayGauges {
  return {
    running: () => inFlight.size,
    holds: () => inFlight.holds().length,
    outboxLength: async () => (await outbox.pending()).length,
    keyCache: () => keys.lookups,
    coolingDown: () => new Map(targets.health().map(({ target, retryInMs }) => [target, retryInMs > 0])),
  };
}

function configSourceOf({ options, settings, logger }: Foundations, { configure }: Configuration) {
  const { configSource: source, refreshMs = REFRESH_MS } = options;
  return source && new ConfigSource({ source, refreshMs, limitMs: settings.timeouts.storeMs, configure, logger });
}

/** Prunes by itself where an age is set; the request log has one of its own. */
function retentionOf(options: GatewayOptions, parts: PruneParts, logger: Logger): Retention | undefined {
  const { retention = {}, requestLog } = options;
  if (!options.retention && !requestLog) return undefined;
  const requests = retention.requests ?? (requestLog ? (requestLog.keep ?? '30d') : undefined);
  const prune: Prune = async (ages) => (await import('../host-calls.js')).pruneAll(parts, ages);
  const kept = { events: parseDuration(retention.events), requests: parseDuration(requests) };
  return new Retention(prune, kept, parts.now, logger);
}
