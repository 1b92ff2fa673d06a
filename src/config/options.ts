import type { BudgetOptions, ModelOptions, PlanOptions, ToolLimitOptions } from '../catalog/catalog-options.js';
import type { Hook } from '../hooks/hook.js';
import type { ItemStore } from '../items/item-store.js';
import type { KeyEvents } from '../keys/key-events.js';
import type { KeyStore } from '../keys/key-store.js';
import type { Duration } from '../lib/duration.js';
import type { Logger } from '../lib/logger.js';
import type { RateLimiter } from '../limits/rate-limiter.js';
import type { Meter } from '../meter/meter.js';
import type { EventHandlers, ThresholdOptions } from '../meter/notifications.js';
import type { Outbox } from '../meter/outbox.js';
import type { RecordedRequest } from '../meter/usage-listeners.js';
import type { GatewayMetrics } from '../observe/gauges.js';
import type { BodyOptions } from '../observe/logged-requests.js';
import type { RequestObserver, RequestReport } from '../observe/observer.js';
import type { AttributionOptions, HostAuthenticate } from '../pipeline/identity.js';
import type { LogFacts } from '../pipeline/log-facts.js';
import type { CountTokens } from '../pipeline/operation.js';
import type {
  DrainOptions,
  LateReportOptions,
  OutputLimitOptions,
  RetryOptions,
  Settings,
  TimeoutOptions,
} from '../pipeline/settings.js';
import type { BodyBounds } from '../pipeline/upkeep/body-bytes.js';
import type { ProviderAdapter, UnsupportedPolicy } from '../providers/adapter.js';
import type { Store } from '../stores/store.js';
import type { Transport } from '../upstream/transport.js';

export type {
  DrainOptions,
  LateReportOptions,
  OutputLimitOptions,
  RetryOptions,
  TimeoutOptions,
} from '../pipeline/settings.js';

/** Options of `createGateway`. */
export interface GatewayOptions {
  /** Provider adapters by the name that models refer to. */
  readonly providers: Readonly<Record<string, ProviderAdapter>>;
  /** Models by the name clients ask for. */
  readonly models: Readonly<Record<string, ModelOptions>>;
  readonly plans: Readonly<Record<string, PlanOptions>>;
  /** The plan of accounts that have none. @default the only plan, when there is one */
  readonly defaultPlan?: string;
  /** What every account, and each end user, session and tag within it, may spend. @default none */
  readonly budgets?: readonly BudgetOptions[];
  /**
   * Where models and plans are kept, when they change while the gateway runs: asked at once and then every `refreshMs`.
   * Requests wait for the first answer. A source that fails or names something impossible changes nothing and is logged.
   */
  readonly configSource?: () => Promise<ConfigureOptions>;
  /** Milliseconds between two looks at `configSource`, at most 2,147,483,647 (24 days). @default 30,000 */
  readonly refreshMs?: number;
  /** Keys and ledger together. @default `memoryStore()` */
  readonly store?: Store;
  /** Replaces the store's keys and accounts. */
  readonly keyStore?: KeyStore;
  /** Replaces the store's ledger and usage log. */
  readonly meter?: Meter;
  /** @default `memoryRateLimiter()` */
  readonly rateLimiter?: RateLimiter;
  /** Makes key changes known to other processes. */
  readonly keyEvents?: KeyEvents;
  /** Where settlements wait while the store refuses them. @default in memory */
  readonly outbox?: Outbox;
  /** Own HTTP client for providers. @default an `undici` pool per origin */
  readonly transport?: Transport;
  /** Calls providers through this function; at most one of `transport` and `fetch` may be set. */
  readonly fetch?: typeof fetch;
  /** @default warnings and errors on the console */
  readonly logger?: Logger;
  /** Milliseconds since the epoch. When given, rate limits in memory use it as well. @default `Date.now` */
  readonly now?: () => number;
  /** A number in [0, 1). @default `Math.random` */
  readonly random?: () => number;
  /** @default 20 MiB */
  readonly maxBodyBytes?: number;
  /** The longest form with files, in bytes; its files are kept on disk. @default 64 MiB */
  readonly maxUploadBytes?: number;
  /**
   * Bytes of request bodies in memory at once, from when a body is announced until its request is over. Beyond it, the
   * next body of the same key or account is refused with 429; beyond the bound of the process, with 503. A number
   * bounds all three.
   */
  readonly maxBodyBytesInFlight?: number | BodyBoundOptions;
  /**
   * Requests refused with a 4xx per minute, for an account and for each key with a request limit; beyond that, its
   * requests are refused before their body is read. Counted in each process.
   *
   * @default its `requestsPerMinute`, at least 20; 10,000 without one
   */
  readonly refusedPerMinute?: number;
  readonly timeouts?: TimeoutOptions;
  readonly retries?: RetryOptions;
  /** What happens to the provider's answer when the client of a stream disconnects. @default 'cancel' */
  readonly onClientAbort?: 'cancel' | 'drain';
  /** Bounds of `onClientAbort: 'drain'`. */
  readonly drain?: DrainOptions;
  /** When a stream is read to its end for its usage report although its client has disconnected, whatever `onClientAbort` says. */
  readonly lateReports?: LateReportOptions;
  /** Parameters that a model does not support. @default 'warn' */
  readonly unsupported?: UnsupportedPolicy;
  /** Keys that an account may have at once; revoked and expired ones do not count. @default 1,000 */
  readonly maxKeysPerAccount?: number;
  /** What new keys begin with. @default 'napi-' */
  readonly keyPrefix?: string;
  /** Secret that key hashes are made with (HMAC-SHA-256); changing it makes all keys unknown. @default none (SHA-256) */
  readonly keyPepper?: string;
  /** How often tools that providers run may run in one request. */
  readonly toolLimits?: ToolLimitOptions;
  /** Output limits of requests that name none. */
  readonly outputLimits?: OutputLimitOptions;
  /** Counts the input tokens of a request exactly. @default a cheap estimate, and the bytes of the text as upper bound */
  readonly countTokens?: CountTokens;
  /** What a request gets while the rate limiter can't be reached. @default 'closed' (503) */
  readonly onLimiterError?: 'open' | 'closed';
  /**
   * The host's own sessions: asked who is behind a request that carries no credential; null or undefined: 401. Writes
   * must come from the host's own pages or from `allowedOrigins`.
   */
  readonly authenticate?: HostAuthenticate;
  /** Other sites whose pages may use the host's sessions: `https://app.example.com`. @default none */
  readonly allowedOrigins?: readonly string[];
  /** How requests with a key say for which end user, session and tags they are. */
  readonly attribution?: AttributionOptions;
  /**
   * Handlers for events that someone should know about, called in the background, at least once per event; called
   * again, perhaps by another process, when they throw or reject.
   */
  readonly on?: EventHandlers;
  /** When balances, budgets, allowances and grants become events. */
  readonly thresholds?: ThresholdOptions;
  /** Checks and changes of requests and answers, on every route, in this order. @default none */
  readonly hooks?: readonly Hook[];
  /** Called after each recorded request. A throw or rejection is logged and changes nothing. */
  readonly onUsage?: (event: RecordedRequest) => void;
  /**
   * Keeps one record of each request whose account is known, refused and failed ones included; written in the
   * background. Read with `gateway.requests`. @default none
   */
  readonly requestLog?: RequestLogOptions;
  /** How long usage events and logged requests are kept; sums and ledger stay. @default events for ever, requests as `requestLog.keep` says */
  readonly retention?: RetentionOptions;
  /**
   * Where and how long to keep what later requests may refer to: items of `/responses`, signatures and reasoning that
   * clients lose.
   */
  readonly items?: ItemOptions;
  /** Spans and metrics by OpenTelemetry: `openTelemetry()` from `metask-gateway/opentelemetry`. @default none */
  readonly telemetry?: RequestObserver;
  /** Metrics for Prometheus: `prometheus()` from `metask-gateway/prometheus`. @default none */
  readonly metrics?: RequestObserver & GatewayMetrics;
  /** Called when a request has ended, whatever its end was. A throw or rejection is logged and changes nothing. */
  readonly onRequest?: (report: RequestReport) => void;
  /**
   * Receives the work that must go on after an answer: pass `waitUntil` of a serverless host.
   *
   * @default nothing: the process lives on
   */
  readonly background?: (work: Promise<unknown>) => void;
  /** Called with each fault that is not the client's. A throw or rejection is logged and changes nothing. */
  readonly onError?: (error: unknown, context: FaultContext) => void;
}

/** What `gateway.configure` replaces; what is left out stays as it is. */
export type ConfigureOptions = Partial<Pick<GatewayOptions, 'models' | 'plans' | 'defaultPlan' | 'budgets'>>;

/** The request in which a fault occurred; what was not known yet is undefined. */
export interface FaultContext extends Partial<LogFacts> {
  readonly requestId: string;
  /** The code and status that the client received. */
  readonly code: string;
  readonly status: number;
}

/** Bytes of bodies in memory. Where `maxBodyBytes` is raised, the defaults grow with it, so that one body always fits. */
export interface BodyBoundOptions {
  /** @default 32 MiB */
  readonly perKey?: number;
  /** All keys of an account together. @default 32 MiB */
  readonly perAccount?: number;
  /** In this process. @default 256 MiB */
  readonly total?: number;
}

/** How long records are kept; pruned every hour, by one process at a time. */
export interface RetentionOptions {
  /** At least a day; nothing in the memory store, which keeps a number of events. @default forever */
  readonly events?: Duration;
  readonly requests?: Duration;
}

/** What the request log keeps, and for how long. */
export interface RequestLogOptions {
  /** Older records are deleted by `retention` and `maintenance.prune`. @default '30d' */
  readonly keep?: Duration;
  /** Prompts and answers; they often hold personal data. @default false: they are not kept */
  readonly bodies?: BodyOptions | false;
}

/** Where answers leave what later requests may refer to, and for how long. */
export interface ItemOptions {
  /** After the last use. @default '1d' */
  readonly keep?: Duration;
  /** Shared by all processes that serve the same clients; false: this process's memory. @default the store's, where it has one */
  readonly store?: ItemStore | false;
}

const TIMEOUTS: Required<TimeoutOptions> = {
  connectMs: 10_000,
  firstByteMs: 600_000,
  idleMs: 300_000,
  totalMs: 3_600_000,
  storeMs: 5_000,
  clientStallMs: 60_000,
};

const RETRIES: Required<RetryOptions> = {
  maxAttempts: 3,
  maxRetryAfterMs: 2_000,
  baseDelayMs: 500,
  maxDelayMs: 8_000,
  fallbackOnAuthError: false,
};

const MIB = 1024 * 1024;
/** Room for the values that a body is parsed into, besides its bytes. */
const BODY_ROOM = 12 * MIB;

/** A number bounds everything. */
function bodyBoundsOf(options: number | BodyBoundOptions | undefined, maxBodyBytes: number): BodyBounds {
  if (typeof options === 'number') return { perKey: options, perAccount: options, total: options };
  const one = Math.max(32 * MIB, maxBodyBytes + BODY_ROOM);
  return { perKey: one, perAccount: one, total: 8 * one, ...options };
}

/** Uploads are on disk: two of the longest at once for an account, and sixteen in all. */
/** Fills in the defaults. */
export function readSettings(options: GatewayOptions): Settings {
  const { maxBodyBytes = 20 * MIB, maxUploadBytes = 64 * MIB } = options;
  return {
    maxKeysPerAccount: options.maxKeysPerAccount ?? 1_000,
    allowedOrigins: options.allowedOrigins ?? [],
    maxBodyBytes,
    maxUploadBytes,
    bodyBounds: bodyBoundsOf(options.maxBodyBytesInFlight, maxBodyBytes),
    refusedPerMinute: options.refusedPerMinute,
    timeouts: { ...TIMEOUTS, ...options.timeouts },
    retries: { ...RETRIES, ...options.retries },
    onClientAbort: options.onClientAbort ?? 'cancel',
    drain: { maxStreams: 64, maxMs: 60_000, ...options.drain },
    lateReports: {
      maxStreams: 256,
      maxPerAccount: 16,
      maxMs: 300_000,
      aboveHold: '0.10',
      aboveDoubt: '0.002',
      ...options.lateReports,
    },
    unsupported: options.unsupported ?? 'warn',
    keyPrefix: options.keyPrefix ?? 'napi-',
    keyPepper: options.keyPepper,
    maxToolUses: options.toolLimits?.maxUses ?? 5,
    outputLimits: { unset: 8_192, minimum: 64, ...options.outputLimits },
    onLimiterError: options.onLimiterError ?? 'closed',
  };
}
