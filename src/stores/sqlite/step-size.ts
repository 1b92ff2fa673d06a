const TARGET_MS = 0.5;
const FIRST_ROWS = 20;
const FEWEST_ROWS = 5;
/** A step that was quick by chance says little about the next. */
const GROWTH = 1.25;

/**
 * How many rows a step takes so that it holds the event loop for half a millisecond: on a large file a row lies on pages of its
 * own, and takes ten times as long as on a small one.
 */
export class StepSize {
  #rows = FIRST_ROWS;

  /** Runs a step on as many rows as it should take, at most `limit`. */
  run(limit: number, step: (rows: number) => number): number {
    const rows = Math.min(this.#rows, limit);
    const began = performance.now();
    const done = step(rows);
    const fitting = (rows * TARGET_MS) / Math.max(performance.now() - began, 0.001);
    if (done === rows) this.#rows = Math.max(FEWEST_ROWS, Math.floor(Math.min(fitting, this.#rows * GROWTH)));
    return done;
  }
}
