import { unrefTimer } from '../lib/timers.js';

/** The rest of a finished answer may take this long, at most twice as long, before its connection is given up. */
const PATIENCE_MS = 1_000;

/** Something that is expected to end by itself soon. */
export interface Ending {
  cancel(): void;
}

/** Cuts what does not end by itself, with one shared timer instead of one each. */
export class Lingering {
  #new = new Set<Ending>();
  #old = new Set<Ending>();
  #timer: ReturnType<typeof setInterval> | undefined;

  add(ending: Ending): void {
    this.#new.add(ending);
    this.#timer ??= unrefTimer(setInterval(this.#sweep, PATIENCE_MS));
  }

  remove(ending: Ending): void {
    if (!this.#new.delete(ending)) this.#old.delete(ending);
  }

  /** Cuts all of them. */
  end(): void {
    this.#sweep();
    this.#sweep();
  }

  readonly #sweep = (): void => {
    const overdue = this.#old;
    this.#old = this.#new;
    this.#new = new Set();
    for (const ending of overdue) ending.cancel();
    if (this.#old.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  };
}
