import { guarded } from '../../lib/maybe-promise.js';
import { type OptionNames, unknownOptions } from '../../lib/option-names.js';
import { checkWaits } from '../../lib/timers.js';
import type {
  Admission,
  AdmitRequest,
  FinishRequest,
  LimiterState,
  LimitKind,
  LimitState,
  LimitSubject,
  Limits,
  RateLimiter,
} from '../../limits/rate-limiter.js';
import { OutageLimiter } from './outage-limiter.js';
import { type NodeRedisClient, type RedisClient, RedisScript, redisClientOf } from './redis-client.js';
import { RedisAway, RedisGuard } from './redis-guard.js';
import { placesOf, RunningPlaces } from './running-places.js';
import { ADMIT, FINISH, RENEW } from './scripts.js';

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

const OPTIONS: OptionNames<RedisRateLimiterOptions> = {
  onUnavailable: true,
  expectedProcesses: true,
  commandTimeoutMs: true,
  retryMs: true,
  processTimeoutMs: true,
  prefix: true,
  onStateChange: true,
};

/** Finishes that are kept for a Redis that is away; with more, their leases run out by themselves. */
const MAX_UNFINISHED = 10_000;

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
  const [unknown] = unknownOptions(options, OPTIONS);
  if (unknown) throw new TypeError(`redisRateLimiter: ${unknown.name} is not an option`);
  checkWaits('redisRateLimiter', options, ['commandTimeoutMs', 'retryMs', 'processTimeoutMs']);
  const client = redisClientOf(redis);
  const { onUnavailable = 'insurance', expectedProcesses = 1, prefix = 'gateway', onStateChange } = options;
  const admitScript = new RedisScript(ADMIT);
  const finishScript = new RedisScript(FINISH);
  const outage = new OutageLimiter(onUnavailable, expectedProcesses);
  const unfinished: FinishRequest[] = [];
  const listeners: ((state: LimiterState) => void)[] = [];
  // What the host's function does must not keep Redis away.
  const tell = (cause: unknown) => {
    void guarded<void>(
      () => onStateChange?.(cause),
      () => {},
    );
  };
  const guard = new RedisGuard(client, {
    timeoutMs: options.commandTimeoutMs ?? 200,
    retryMs: options.retryMs ?? 1_000,
    probeKey: `${prefix}:probe`,
    onAway(cause) {
      tell(cause);
      for (const listener of listeners) listener({ available: false, cause });
    },
    onBack() {
      tell(undefined);
      for (const listener of listeners) listener({ available: true });
      flush();
    },
  });

  const renewScript = new RedisScript(RENEW);
  const places = new RunningPlaces(options.processTimeoutMs ?? 120_000, async (requests) => {
    const keys = requests.flatMap((request) => [markOf(prefix, request), ...leasesOf(prefix, request)]);
    const values = requests.flatMap((request) => [request.id, placesOf(request).length]);
    try {
      await guard.run(() => renewScript.run(client, keys, [places.termMs, ...values]));
    } catch {
      // The next beat comes long before they lapse.
    }
  });

  const ask = (
    request: AdmitRequest,
    what: 'all' | 'tokens' | 'peek',
    onLate?: (answer: number[]) => void,
  ): Promise<number[]> =>
    guard.run(async () => {
      const placeMs = Math.min(request.leaseMs, places.termMs);
      const values = [request.id, request.tokens, request.leaseMs, what, placeMs, ...limitsOf(request.subjects)];
      return (await admitScript.run(client, keysOf(prefix, request), values)) as number[];
    }, onLate);

  const finishThere = async (result: FinishRequest): Promise<void> => {
    const values = [
      result.id,
      result.estimatedTokens,
      result.actualTokens,
      result.refused ? 1 : 0,
      ...limitsOf(result.subjects),
    ];
    try {
      await guard.run(() => finishScript.run(client, keysOf(prefix, result), values));
    } catch (error) {
      if (!(error instanceof RedisAway)) throw error;
      // Sent again when Redis is back; the script does nothing for an id that it has finished.
      if (unfinished.length < MAX_UNFINISHED) unfinished.push(result);
      // It may have come back between the refusal and this line.
      if (!guard.away) flush();
    }
  };

  const flush = (): void => {
    for (const result of unfinished.splice(0)) void finishThere(result).catch(() => {});
  };

  /** Redis admitted a request after it had been decided without it: what it took goes back. */
  const undo = (request: AdmitRequest): void => {
    void finishThere({ ...request, estimatedTokens: request.tokens, actualTokens: 0, refused: true }).catch(() => {});
  };

  return {
    async admit(request) {
      if (request.subjects.length === 0) return { ok: true, states: [] };
      const onLate = (late: number[]) => {
        if (late[0] === 1) undo(request);
      };
      return unlessAway(
        async () => {
          const admission = toAdmission(request.subjects, await ask(request, 'all', onLate));
          if (admission.ok) places.add(request);
          return admission;
        },
        (reason) => outage.admit(request, reason),
      );
    },
    async take(request) {
      if (request.subjects.length === 0) return { ok: true, states: [] };
      const takeHere = (reason?: unknown) => outage.take(request, reason);
      if (outage.admitted(request.id)) return takeHere();
      return unlessAway(async () => toAdmission(request.subjects, await ask(request, 'tokens')), takeHere);
    },
    async finish(result) {
      places.delete(result.id);
      if (!outage.finish(result) && result.subjects.length > 0) await finishThere(result);
    },
    async peek(request) {
      if (request.subjects.length === 0) return [];
      return unlessAway(
        async () => statesOf(request.subjects, await ask({ ...request, id: '', tokens: 0, leaseMs: 0 }, 'peek')),
        (reason) => outage.peek(request, reason),
      );
    },
    watch: (listener) => void listeners.push(listener),
    close() {
      places.stop();
      guard.close();
    },
  };
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

type Named = Pick<AdmitRequest, 'group' | 'subjects' | 'id'>;

function keysOf(prefix: string, request: Named): string[] {
  const tag = tagOf(prefix, request);
  const buckets = request.subjects.flatMap(({ subject }) => [`${tag}:${subject}`, `${tag}:${subject}:leases`]);
  return [markOf(prefix, request), ...buckets];
}

function markOf(prefix: string, request: Named): string {
  return `${tagOf(prefix, request)}:request:${request.id}`;
}

function leasesOf(prefix: string, request: Named): string[] {
  return placesOf(request).map((subject) => `${tagOf(prefix, request)}:${subject}:leases`);
}

/** A brace in a group would end the hash tag early. */
function tagOf(prefix: string, { group }: Named): string {
  return `${prefix}:{${encodeURIComponent(group)}}`;
}

function limitsOf(subjects: readonly LimitSubject[]): number[] {
  return subjects.flatMap(({ limits }) => [
    limits.requestsPerMinute ?? 0,
    limits.tokensPerMinute ?? 0,
    limits.concurrentRequests ?? 0,
  ]);
}

const KINDS: readonly (readonly [LimitKind, keyof Limits])[] = [
  ['requests', 'requestsPerMinute'],
  ['tokens', 'tokensPerMinute'],
  ['concurrency', 'concurrentRequests'],
];

/** Reads remaining and time to full of each limit that is set, which follow the first three numbers of an answer. */
function statesOf(subjects: readonly LimitSubject[], answer: readonly number[]): LimitState[] {
  const states: LimitState[] = [];
  for (const { subject, limits } of subjects)
    for (const [kind, name] of KINDS) {
      const limit = limits[name];
      if (limit === undefined) continue;
      const at = 3 + 2 * states.length;
      states.push({ subject, kind, limit, remaining: answer[at] ?? 0, resetMs: answer[at + 1] ?? 0 });
    }
  return states;
}

function toAdmission(subjects: readonly LimitSubject[], answer: readonly number[]): Admission {
  const states = statesOf(subjects, answer);
  const [admitted, index = 0, retryAfterMs = 1] = answer;
  const refused = states[index];
  if (admitted === 1 || !refused) return { ok: true, states };
  return { ok: false, refused, retryAfterMs, states };
}
