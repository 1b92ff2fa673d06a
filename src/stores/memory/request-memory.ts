import { StringMap } from '../../lib/string-map.js';

/** How a request id ended; a settled one is the position of its usage event. */
export type RequestEnd = number | 'released' | 'expired';

const DAY_MS = 24 * 3_600_000;
const MAX_IDS = 1_000_000;

/**
 * Remembers how requests ended, so that nothing is settled twice, in bounded memory: ids live in two generations, and
 * the older one is dropped when the younger one is a day old or holds a million ids. So each id is remembered until
 * at least 24 hours have passed or a million other requests have ended.
 */
export class RequestMemory {
  readonly #now: () => number;
  #young = new StringMap<RequestEnd>();
  #old = new StringMap<RequestEnd>();
  #since: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  get(id: string): RequestEnd | undefined {
    return this.#young.get(id) ?? (this.#old.size > 0 ? this.#old.get(id) : undefined);
  }

  set(id: string, end: RequestEnd): void {
    const now = this.#now();
    if (this.#young.size >= MAX_IDS || now - this.#since >= DAY_MS) {
      this.#old = this.#young;
      this.#young = new StringMap<RequestEnd>();
      this.#since = now;
    }
    this.#young.set(id, end);
  }

  /** Every remembered end, once per id. */
  *entries(): IterableIterator<[string, RequestEnd]> {
    yield* this.#young.entries();
    for (const [id, end] of this.#old.entries()) if (!this.#young.has(id)) yield [id, end];
  }
}
