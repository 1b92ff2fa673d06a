import { isThenable, type MaybePromise } from '../lib/maybe-promise.js';
import type { Hook } from './hook.js';

const DEFAULT_TIMEOUT_MS = 2_000;

/** What came of one call of a hook's function. */
export type Outcome<T> = { readonly value: T } | { readonly failed: unknown };

/** Calls a function of a hook: never rejects, and takes no longer than the hook may. */
export function within<T>(
  { timeoutMs = DEFAULT_TIMEOUT_MS }: Hook,
  work: () => MaybePromise<T>,
): MaybePromise<Outcome<T>> {
  let started: MaybePromise<T>;
  try {
    started = work();
  } catch (failed) {
    return { failed };
  }
  if (!isThenable(started)) return { value: started };
  const pending = started;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ failed: new Error(`it took longer than ${timeoutMs} ms`) }), timeoutMs);
    Promise.resolve(pending).then(
      (value) => {
        clearTimeout(timer);
        resolve({ value });
      },
      (failed: unknown) => {
        clearTimeout(timer);
        resolve({ failed });
      },
    );
  });
}
