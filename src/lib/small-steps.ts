import type { MaybePromise } from './maybe-promise.js';

/** The most rows of one step. */
const STEP = 100;
/** Each pause is three times as long as the step before it, so that requests have most of the store. */
const PAUSE = 3;
const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Repeats a step until nothing is left to do; requests have their turn between two steps.
 *
 * @param step does its work on up to so many rows, and returns on how many: fewer where it would take long.
 * @returns how many there were in all.
 */
export async function inSmallSteps(step: (limit: number) => MaybePromise<number>): Promise<number> {
  for (let total = 0; ; ) {
    const began = performance.now();
    const done = await step(STEP);
    if (done === 0) return total;
    total += done;
    const pauseMs = Math.min(Math.max(PAUSE * (performance.now() - began), SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
