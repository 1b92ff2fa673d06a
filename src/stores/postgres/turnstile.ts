import { PostgresTimeout } from './bounded-pool.js';

/** Lets so many in at once; the others wait for their turn, in order. */
export class Turnstile {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(places: number) {
    this.#free = places;
  }

  /** @throws {PostgresTimeout} when no place is free within `limitMs`. */
  enter(limitMs: number): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const turn = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(turn);
        reject(new PostgresTimeout('connection', limitMs));
      }, limitMs);
      this.#waiting.add(turn);
    });
  }

  /** Gives a place to whoever waits longest. */
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
