import { nextTurn } from './next-turn.js';

/** Long work as a generator: it yields wherever others may be served, and returns its result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Does all of the work at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does the work a step at a time, and serves others in between. */
export async function inSteps<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await nextTurn();
  }
}
