/** Lets a fixed number in at once; the others wait for their turn, in order. */
export class Turnstile {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(places: number) {
    this.#free = places;
  }

  /** Waits for a place, however long; where a limit is given, rejects with `expired()` when none is free within `limitMs`. */
  enter(): Promise<void>;
  enter(limitMs: number, expired: () => Error): Promise<void>;
  enter(limitMs?: number, expired?: () => Error): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      if (limitMs === undefined || !expired) {
        this.#waiting.add(resolve);
        return;
      }
      const turn = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(turn);
        reject(expired());
      }, limitMs);
      this.#waiting.add(turn);
    });
  }

  /** Gives the place to whoever waits longest. */
  leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
