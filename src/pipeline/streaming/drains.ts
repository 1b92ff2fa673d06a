/** Bounds how many abandoned streams are read to their end at the same time. */
export class Drains {
  readonly #most: number;
  #running = 0;

  /** @param most 0: none; every abandoned stream is canceled. */
  constructor(most: number) {
    this.#most = most;
  }

  /** True when there is a place; `leave` frees it. */
  enter(): boolean {
    if (this.#running >= this.#most) return false;
    this.#running += 1;
    return true;
  }

  leave(): void {
    this.#running -= 1;
  }
}
