const WINDOW_MS = 10_000;
/** Retries may be at most this share of the requests of the window. */
const SHARE = 0.2;
/** So many retries are always allowed at the same time. */
const FLOOR = 3;

/** Bounds the retries of a provider's outage: at most 20 % of the requests of the last ten seconds, three at once always. */
export class RetryBudget {
  #windowStart = 0;
  #requests = 0;
  #before = 0;
  #running = 0;

  /** Counts a request (not a retry). */
  request(now: number): void {
    this.#roll(now);
    this.#requests += 1;
  }

  /** Takes a place for one retry; true means that `release` must be called when the retry has ended. */
  acquire(now: number): boolean {
    this.#roll(now);
    const elapsed = (now - this.#windowStart) / WINDOW_MS;
    const recent = this.#requests + this.#before * (1 - elapsed);
    if (this.#running >= Math.max(FLOOR, recent * SHARE)) return false;
    this.#running += 1;
    return true;
  }

  release(): void {
    this.#running -= 1;
  }

  #roll(now: number): void {
    const windows = Math.floor((now - this.#windowStart) / WINDOW_MS);
    if (windows < 1) return;
    this.#before = windows === 1 ? this.#requests : 0;
    this.#requests = 0;
    this.#windowStart = windows === 1 ? this.#windowStart + WINDOW_MS : now;
  }
}
