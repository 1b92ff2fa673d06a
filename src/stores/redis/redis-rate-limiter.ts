import { guarded } from '../../lib/maybe-promise.js';
import { aFunction, aText, type Check, checkGiven, one, positive } from '../../lib/option-checks.js';
import { waitProblem } from '../../lib/timers.js';
import type {
  Admission,
  AdmitRequest,
  FinishRequest,
  LimiterState,
  LimitState,
  PeekRequest,
  RateLimiter,
} from '../../limits/rate-limiter.js';
import { statesOf, toAdmission } from './limiter-answers.js';
import { OutageLimiter } from './outage-limiter.js';
import { type NodeRedisClient, type RedisClient, redisClientOf } from './redis-client.js';
import { RedisAway } from './redis-guard.js';
import { RunningPlaces } from './running-places.js';
import { SharedBuckets } from './shared-buckets.js';

/** How the Redis limiter behaves. */
export interface RedisRateLimiterOptions {
  /**
   * What decides while Redis is away. `'insurance'`: a limiter in this process, at `limit ÷ expectedProcesses`.
   * `'open'`: nothing, every request runs. `'closed'`: the gateway's `onLimiterError`.
   *
   * @default 'insurance'
   */
  readonly onUnavailable?: 'insurance' | 'open' | 'closed';
  /** How many processes share the limits; used only by `'insurance'`. @default 1 */
  readonly expectedProcesses?: number;
  /** How long one command may take before Redis counts as unavailable. @default 200 */
  readonly commandTimeoutMs?: number;
  /** How often an unavailable Redis is checked. @default 1_000 */
  readonly retryMs?: number;
  /**
   * How long a process that died keeps its places among `concurrentRequests`. Running processes renew theirs every
   * quarter of this time, with one command for each account that has running requests.
   *
   * @default 120_000
   */
  readonly processTimeoutMs?: number;
  /** What all keys begin with. @default 'gateway' */
  readonly prefix?: string;
  /**
   * Called once each time Redis becomes unavailable, with the cause, and once with undefined when it is back. A throw or
   * rejection changes nothing.
   */
  readonly onStateChange?: (cause: unknown) => void;
}

const OPTIONS = {
  onUnavailable: one(['insurance', 'open', 'closed']),
  expectedProcesses: positive,
  commandTimeoutMs: waitProblem,
  retryMs: waitProblem,
  processTimeoutMs: waitProblem,
  prefix: aText,
  onStateChange: aFunction,
} satisfies Record<keyof RedisRateLimiterOptions, Check>;

/**
 * A rate limiter that all processes share: one Lua script per decision, on Redis' clock, exact under any concurrency.
 *
 * The keys of one account carry the hash tag `{account}`, so that Redis Cluster keeps them on one node. The caller
 * closes the client; Redis 5 or later. After an outage Redis' buckets count again, as they were or full: at most one
 * burst on top of what the insurance admitted.
 *
 * @param redis a client of `ioredis`, or a connected one of node-redis. With `ioredis`, a connection whose other end has
 *   vanished silently is replaced; give node-redis a `socketTimeout`.
 * @throws {TypeError} for any other client, and for an unknown or invalid option.
 */
export function redisRateLimiter(
  redis: RedisClient | NodeRedisClient,
  options: RedisRateLimiterOptions = {},
): RateLimiter {
  checkGiven('redisRateLimiter', options, OPTIONS);
  const limiter = new SharedLimiter(redisClientOf(redis), options);
  return {
    admit: (request) => limiter.admit(request),
    take: (request) => limiter.take(request),
    finish: (result) => limiter.finish(result),
    peek: (request) => limiter.peek(request),
    watch: (listener) => limiter.watch(listener),
    close: () => limiter.close(),
  };
}

const NOTHING_ASKED: Admission = { ok: true, states: [] };

/** Decides with the buckets in Redis, and without them while it is away. */
class SharedLimiter {
  readonly #buckets: SharedBuckets;
  readonly #places: RunningPlaces;
  readonly #outage: OutageLimiter;
  readonly #onStateChange: RedisRateLimiterOptions['onStateChange'];
  readonly #listeners: ((state: LimiterState) => void)[] = [];

  constructor(client: RedisClient, options: RedisRateLimiterOptions) {
    const { commandTimeoutMs = 200, retryMs = 1_000, processTimeoutMs = 120_000, prefix = 'gateway' } = options;
    this.#onStateChange = options.onStateChange;
    this.#outage = new OutageLimiter(options.onUnavailable ?? 'insurance', options.expectedProcesses ?? 1);
    this.#buckets = new SharedBuckets(client, {
      timeoutMs: commandTimeoutMs,
      retryMs,
      prefix,
      placeMs: processTimeoutMs,
      onAway: (cause) => this.#tell({ available: false, cause }),
      onBack: () => this.#tell({ available: true }),
    });
    this.#places = new RunningPlaces(processTimeoutMs, (requests) => this.#buckets.renew(requests));
  }

  async admit(request: AdmitRequest): Promise<Admission> {
    const { subjects } = request;
    if (subjects.length === 0) return NOTHING_ASKED;
    // It was decided without Redis meanwhile: what it took there goes back.
    const onLate = (late: number[]) => {
      if (late[0] === 1) this.#buckets.undo(request);
    };
    return unlessAway(
      async () => {
        const admission = toAdmission(subjects, await this.#buckets.ask(request, 'all', onLate));
        if (admission.ok) this.#places.add(request);
        return admission;
      },
      (reason) => this.#outage.admit(request, reason),
    );
  }

  async take(request: AdmitRequest): Promise<Admission> {
    const { subjects } = request;
    if (subjects.length === 0) return NOTHING_ASKED;
    const takeHere = (reason?: unknown) => this.#outage.take(request, reason);
    if (this.#outage.admitted(request.id)) return takeHere();
    return unlessAway(async () => toAdmission(subjects, await this.#buckets.ask(request, 'tokens')), takeHere);
  }

  async finish(result: FinishRequest): Promise<void> {
    this.#places.delete(result.id);
    if (!this.#outage.finish(result) && result.subjects.length > 0) await this.#buckets.finish(result);
  }

  async peek(request: PeekRequest): Promise<LimitState[]> {
    const { subjects } = request;
    if (subjects.length === 0) return [];
    const nothing = { ...request, id: '', tokens: 0, leaseMs: 0 };
    return unlessAway(
      async () => statesOf(subjects, await this.#buckets.ask(nothing, 'peek')),
      (reason) => this.#outage.peek(request, reason),
    );
  }

  watch(listener: (state: LimiterState) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#places.stop();
    this.#buckets.close();
  }

  #tell(state: LimiterState): void {
    // What the host's function does must not keep Redis away.
    void guarded<void>(
      () => this.#onStateChange?.(state.cause),
      () => {},
    );
    for (const listener of this.#listeners) listener(state);
  }
}

/** What Redis decides, or what is decided without it while it is away. */
async function unlessAway<T>(decide: () => Promise<T>, decideWithout: (reason: RedisAway) => T): Promise<T> {
  try {
    return await decide();
  } catch (error) {
    if (!(error instanceof RedisAway)) throw error;
    return decideWithout(error);
  }
}
