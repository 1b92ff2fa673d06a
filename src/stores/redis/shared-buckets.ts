import type { AdmitRequest, FinishRequest } from '../../limits/rate-limiter.js';
import { keysOf, limitsOf, placeKeysOf } from './limiter-keys.js';
import { type RedisClient, RedisScript } from './redis-client.js';
import { RedisAway, RedisGuard, type RedisGuardOptions } from './redis-guard.js';
import { placesOf } from './running-places.js';
import { ADMIT, FINISH, RENEW } from './scripts.js';

/** Finishes that are kept for a Redis that is away; with more, their leases run out by themselves. */
const MAX_UNFINISHED = 10_000;

/** How the buckets are reached. */
export interface SharedBucketsOptions extends Omit<RedisGuardOptions, 'probeKey'> {
  /** What all keys begin with. */
  readonly prefix: string;
  /** How long a place among concurrent requests is kept that nobody renews. */
  readonly placeMs: number;
}

/** The buckets in Redis that all processes share: one script per decision. */
export class SharedBuckets {
  readonly #client: RedisClient;
  readonly #options: SharedBucketsOptions;
  readonly #guard: RedisGuard;
  readonly #admit = new RedisScript(ADMIT);
  readonly #finish = new RedisScript(FINISH);
  readonly #renew = new RedisScript(RENEW);
  readonly #unfinished: FinishRequest[] = [];

  constructor(client: RedisClient, options: SharedBucketsOptions) {
    this.#client = client;
    this.#options = options;
    this.#guard = new RedisGuard(client, {
      ...options,
      probeKey: `${options.prefix}:probe`,
      onBack: () => {
        options.onBack();
        this.#flush();
      },
    });
  }

  /**
   * The numbers of a decision.
   *
   * @param what is taken: a request with its place and tokens, tokens alone, or nothing.
   * @throws {RedisAway}
   */
  ask(request: AdmitRequest, what: 'all' | 'tokens' | 'peek', onLate?: (answer: number[]) => void): Promise<number[]> {
    return this.#guard.run(async () => {
      const placeMs = Math.min(request.leaseMs, this.#options.placeMs);
      const values = [request.id, request.tokens, request.leaseMs, what, placeMs, ...limitsOf(request.subjects)];
      return (await this.#admit.run(this.#client, keysOf(this.#options.prefix, request), values)) as number[];
    }, onLate);
  }

  /** Gives back what a request took; while Redis is away it is kept until it is back. */
  async finish(result: FinishRequest): Promise<void> {
    const values = [
      result.id,
      result.estimatedTokens,
      result.actualTokens,
      result.refused ? 1 : 0,
      ...limitsOf(result.subjects),
    ];
    try {
      await this.#guard.run(() => this.#finish.run(this.#client, keysOf(this.#options.prefix, result), values));
    } catch (error) {
      if (!(error instanceof RedisAway)) throw error;
      // Sent again when Redis is back; the script does nothing for an id that it has finished.
      if (this.#unfinished.length < MAX_UNFINISHED) this.#unfinished.push(result);
      // It may have come back between the refusal and this line.
      if (!this.#guard.away) this.#flush();
    }
  }

  /** Gives back all of a request that was decided without Redis meanwhile. */
  undo(request: AdmitRequest): void {
    this.#finishUnheard({ ...request, estimatedTokens: request.tokens, actualTokens: 0, refused: true });
  }

  /** Keeps the places of running requests of one group. Never rejects. */
  async renew(requests: readonly AdmitRequest[]): Promise<void> {
    const { prefix, placeMs } = this.#options;
    const keys = requests.flatMap((request) => placeKeysOf(prefix, request));
    const values = requests.flatMap((request) => [request.id, placesOf(request).length]);
    try {
      await this.#guard.run(() => this.#renew.run(this.#client, keys, [placeMs, ...values]));
    } catch {
      // The next beat comes long before they lapse.
    }
  }

  close(): void {
    this.#guard.close();
  }

  #flush(): void {
    for (const result of this.#unfinished.splice(0)) this.#finishUnheard(result);
  }

  #finishUnheard(result: FinishRequest): void {
    void this.finish(result).catch(() => {});
  }
}
