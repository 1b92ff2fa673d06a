import { Ticker } from '../../lib/ticker.js';
import type { AdmitRequest } from '../../limits/rate-limiter.js';

/** A process that lives renews its places this often before they lapse. */
const BEATS_PER_TERM = 4;
/** Requests whose places are renewed by one command. */
const BATCH = 500;

/** The places among concurrent requests that requests of this process have, and that lapse with it unless they are renewed. */
export class RunningPlaces {
  readonly #running = new Map<string, { readonly request: AdmitRequest; readonly until: number }>();
  readonly #ticker: Ticker;

  /**
   * @param termMs how long a place is kept that nobody renews.
   * @param renew keeps the places of these requests, which are all of one group. Never rejects.
   */
  constructor(
    readonly termMs: number,
    private readonly renew: (requests: readonly AdmitRequest[]) => Promise<void>,
  ) {
    this.#ticker = new Ticker(Math.max(1, Math.floor(termMs / BEATS_PER_TERM)), () => this.#beat());
  }

  /** A request that was admitted. What has no place, or one for a shorter time than that, is not renewed. */
  add(request: AdmitRequest): void {
    if (request.leaseMs <= this.termMs || placesOf(request).length === 0) return;
    this.#running.set(request.id, { request, until: performance.now() + request.leaseMs });
    this.#ticker.start();
  }

  delete(id: string): void {
    this.#running.delete(id);
  }

  stop(): void {
    this.#ticker.stop();
  }

  #beat(): boolean {
    const now = performance.now();
    const groups = new Map<string, AdmitRequest[]>();
    for (const [id, { request, until }] of this.#running) {
      if (until < now) {
        this.#running.delete(id);
        continue;
      }
      const group = groups.get(request.group);
      if (group) group.push(request);
      else groups.set(request.group, [request]);
    }
    for (const requests of groups.values()) {
      for (let at = 0; at < requests.length; at += BATCH) void this.renew(requests.slice(at, at + BATCH));
    }
    return this.#running.size > 0;
  }
}

/** The subjects among whose concurrent requests a request has a place. */
export function placesOf({ subjects }: Pick<AdmitRequest, 'subjects'>): string[] {
  return subjects.flatMap(({ subject, limits }) => (limits.concurrentRequests === undefined ? [] : [subject]));
}
