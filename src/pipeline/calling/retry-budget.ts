const WINDOW_MS = 10_000;
/** Retries may be at most this share of the requests of the window. */
const SHARE = 0.2;
/** Minimum allowance regardless of traffic: concurrent retries, and retries per window. */
const FLOOR_AT_ONCE = 3;
const FLOOR_IN_WINDOW = 10;

/**
 * Bounds the retries of a provider's outage: at most 20 % of the requests of the last ten seconds, running and begun;
 * three at once and ten in ten seconds always.
 */
export class RetryBudget {
  #windowStart = 0;
  #requests = 0;
  #requestsBefore = 0;
  #retries = 0;
  #retriesBefore = 0;
  #running = 0;

  /** Counts a request (not a retry). */
  request(now: number): void {
    this.#roll(now);
    this.#requests += 1;
  }

  /** Takes a place for one retry; true means that `release` must be called when the retry has ended. */
  acquire(now: number): boolean {
    this.#roll(now);
    const past = 1 - (now - this.#windowStart) / WINDOW_MS;
    const share = (this.#requests + this.#requestsBefore * past) * SHARE;
    if (this.#running >= Math.max(FLOOR_AT_ONCE, share)) return false;
    if (this.#retries + this.#retriesBefore * past >= Math.max(FLOOR_IN_WINDOW, share)) return false;
    this.#running += 1;
    this.#retries += 1;
    return true;
  }

  release(): void {
    this.#running -= 1;
  }

  #roll(now: number): void {
    const windows = Math.floor((now - this.#windowStart) / WINDOW_MS);
    if (windows === 0) return;
    const next = windows === 1;
    this.#requestsBefore = next ? this.#requests : 0;
    this.#retriesBefore = next ? this.#retries : 0;
    this.#requests = 0;
    this.#retries = 0;
    this.#windowStart = next ? this.#windowStart + WINDOW_MS : now;
  }
}
