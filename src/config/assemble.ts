import { KeptItems } from '../items/kept-items.js';
import { cachedKeyStore } from '../keys/cached-key-store.js';
import { KeyUses } from '../keys/key-uses.js';
import { parseDuration } from '../lib/duration.js';
import { consoleLogger, describeFault, type Logger } from '../lib/logger.js';
import { guarded, type MaybePromise } from '../lib/maybe-promise.js';
import { memoryRateLimiter } from '../limits/memory-rate-limiter.js';
import type { LimiterState } from '../limits/rate-limiter.js';
import type { CheckedParts } from '../management/check.js';
import type { PruneParts } from '../management/maintenance.js';
import type { ReadableRequestLog } from '../management/requests.js';
import { type Prune, Retention } from '../management/retention.js';
import { Notifications } from '../meter/notifications.js';
import { memoryOutbox } from '../meter/outbox.js';
import { outboxDrainer } from '../meter/outbox-drainer.js';
import { UsageListeners } from '../meter/usage-listeners.js';
import type { GatewayGauges } from '../observe/gauges.js';
import type { Runtime } from '../pipeline/runtime.js';
import { createSettler, printable } from '../pipeline/settler.js';
import { ClientClocks } from '../pipeline/streaming/client-clock.js';
import { Drains } from '../pipeline/streaming/drains.js';
import { LateReports } from '../pipeline/streaming/late-reports.js';
import { BodyBytes } from '../pipeline/upkeep/body-bytes.js';
import { InFlight } from '../pipeline/upkeep/in-flight.js';
import { Leases } from '../pipeline/upkeep/leases.js';
import { Refusals } from '../pipeline/upkeep/refusals.js';
import type { ChangeLog } from '../stores/change-log.js';
import { memoryItems } from '../stores/memory/memory-items.js';
import { memoryStore } from '../stores/memory/memory-store.js';
import { fetchTransport } from '../upstream/fetch-transport.js';
import type { Transport } from '../upstream/transport.js';
import { undiciTransport } from '../upstream/undici/transport.js';
import { Watchdog } from '../upstream/watchdog.js';
import { ConfigSource } from './config-source.js';
import { configurationOf } from './configure.js';
import { observersOf } from './observers.js';
import { type ConfigureOptions, type GatewayOptions, readSettings } from './options.js';

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
  const settings = readSettings(options);
  const { logger = consoleLogger, now = Date.now, random = Math.random } = options;
  const { catalog, targets, configure } = configurationOf(options, now, random);
  const store = options.store ?? memoryStore({ now });
  const meter = options.meter ?? store.meter;
  const keyStore = options.keyStore ?? store.keyStore;
  const warn = (thrown: unknown) => logger.warn({ fault: describeFault(thrown) }, 'key events failed');
  const keys = cachedKeyStore(keyStore, {
    now,
    onError: warn,
    storeMs: settings.timeouts.storeMs,
    ...(options.keyEvents && { events: options.keyEvents }),
  });
  const outbox = options.outbox ?? memoryOutbox();
  const clock = options.now ? neverBack(options.now) : () => performance.now();
  const limiter = options.rateLimiter ?? memoryRateLimiter({ now: clock });
  const transport = transportOf(options, settings.timeouts.connectMs);
  const drainer = outboxDrainer({
    meter,
    outbox,
    random,
    onFailure: (waiting, cause) =>
      logger.warn({ waiting, fault: describeFault(cause) }, 'settlements are still queued in the outbox'),
  });
  // An outbox of the user's may hold what an earlier process left.
  if (options.outbox) drainer.wake();
  const outboxDrain = async (timeoutMs: number) => {
    drainer.stop();
    const waiting = await drainer.drain(timeoutMs);
    if (waiting === 0) return;
    logger.error({ waiting }, 'closed with settlements in the outbox');
    // An outbox in memory ends with the process: the log is where they can be charged from by hand.
    if (options.outbox) return;
    for (const settlement of await outbox.pending()) {
      logger.error({ settlement: printable(settlement) }, 'a settlement was not recorded');
    }
  };
  let limiterState: LimiterState | undefined;
  limiter.watch?.((state) => {
    limiterState = state;
    const { available, cause } = state;
    if (available) logger.warn({}, 'the store of the rate limiter is available again');
    else logger.warn({ fault: describeFault(cause) }, 'the store of the rate limiter is unavailable');
  });
  const itemStore = options.items?.store ?? store.items;
  const keptItems = new KeptItems({
    store: itemStore || memoryItems(),
    lifetimeMs: parseDuration(options.items?.keep) ?? ITEM_LIFETIME_MS,
    storeMs: settings.timeouts.storeMs,
    now,
    logger,
  });
  const inFlight = new InFlight();
  const notifications = new Notifications({
    meter,
    handlers: options.on ?? {},
    thresholds: options.thresholds ?? {},
    now,
    random,
    logger,
  });
  targets.watch((target, up) => void notifications.add(up ? 'target.up' : 'target.down', null, { target }));
  const gauges: GatewayGauges = {
    running: () => inFlight.size,
    holds: () => inFlight.holds().length,
    outboxLength: async () => (await outbox.pending()).length,
    keyCache: () => keys.lookups,
    coolingDown: () => new Map(targets.health().map(({ target, retryInMs }) => [target, retryInMs > 0])),
  };
  const observers = observersOf(options, store.requests, gauges, random, logger);
  const runtime: Runtime = {
    settings,
    catalog,
    keys,
    limiter,
    meter,
    leases: new Leases(meter, () => inFlight.holds(), now, logger, notifications),
    notifications,
    settler: createSettler(meter, outbox, drainer.wake, logger, settings.timeouts.storeMs),
    targets,
    clientClocks: new ClientClocks(settings.timeouts.clientStallMs),
    drains: new Drains(settings.drain.maxStreams),
    lateReports: new LateReports(settings.lateReports),
    inFlight,
    bodies: new BodyBytes(settings.bodyBounds),
    refusals: new Refusals(clock, settings.refusedPerMinute),
    transport,
    watchdog: new Watchdog(settings.timeouts),
    keyUses: new KeyUses(keyStore, logger),
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
      await Promise.all([runtime.keyUses.flush(), observers.requestLog?.flush(), drainer.drain(BACKGROUND_MS)]);
    },
    reportFault: faultReporter(options),
    hooks: options.hooks ?? [],
  };
  const configSource =
    options.configSource &&
    new ConfigSource({
      source: options.configSource,
      refreshMs: options.refreshMs ?? REFRESH_MS,
      limitMs: settings.timeouts.storeMs,
      configure,
      logger,
    });
  // A transport of the operator's own may serve others, too.
  const pruned: PruneParts = { upkeep: store.upkeep, requests: store.requests, keys: keyStore, items: keptItems, now };
  const parts = [
    configSource,
    retentionOf(options, pruned, logger),
    notifications,
    ...observers.all,
    keptItems,
    options.items?.store || undefined,
    options.transport ? undefined : transport,
    limiter,
    keys,
    options.keyEvents,
    meter,
    outbox,
    store,
  ];
  const checked: CheckedParts = {
    keyStore,
    meter,
    limiter,
    limiterState: () => limiterState,
    outbox,
    requestLog: observers.requestLog?.log,
  };
  return {
    runtime,
    outboxDrain,
    migrate: async () => store.migrate?.(),
    configure,
    configSource,
    requestLog: observers.requestLog,
    checked,
    pruned,
    changes: store.changes,
    owned: parts.filter((part) => part !== undefined),
  };
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

/** A clock as limits need it, of one that may be set back. */
function neverBack(now: () => number): () => number {
  let latest = Number.NEGATIVE_INFINITY;
  return () => (latest = Math.max(latest, now()));
}

function transportOf({ transport, fetch: fetchFunction }: GatewayOptions, connectMs: number): Transport {
  if (transport) return transport;
  if (!fetchFunction && hasUndici()) return undiciTransport({ connectMs });
  return fetchTransport(fetchFunction ?? ((input, init) => globalThis.fetch(input, init)));
}

/**
 * False on Bun, whose own `undici` lacks the dispatcher that the transport is built on, and on Cloudflare Workers,
 * which has no Node sockets.
 */
function hasUndici(): boolean {
  return !('bun' in process.versions) && globalThis.navigator?.userAgent !== 'Cloudflare-Workers';
}

function faultReporter({ logger = consoleLogger, onError }: GatewayOptions): Runtime['reportFault'] {
  return (requestId, error, facts) => {
    const fields = { requestId, code: error.code, status: error.status, ...facts, fault: describeFault(error) };
    if (error.status === 500) logger.error(fields, 'a request failed');
    else logger.warn(fields, 'a request could not be answered');
    void guarded<void>(
      () => onError?.(error.cause ?? error, { requestId, code: error.code, status: error.status, ...facts }),
      (thrown) => logger.error({ requestId, fault: describeFault(thrown) }, 'onError threw'),
    );
  };
}
