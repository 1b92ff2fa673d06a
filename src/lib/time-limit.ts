import { isThenable, type MaybePromise } from './maybe-promise.js';

/**
 * The outcome of `work`, or a rejection with `expired()` after `limitMs`.
 *
 * The work itself is not stopped. What it yields later goes to `onLate`; a late failure is ignored.
 */
export function within<T>(
  work: Promise<T>,
  limitMs: number,
  expired: () => Error,
  onLate: (value: T) => void = () => {},
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let [done, late] = [false, false];
    const giveUp = () => {
      if (done) return;
      late = true;
      reject(expired());
    };
    // After the event loop was blocked, the timer fires before an answer that has long arrived is read.
    const timer = setTimeout(() => setImmediate(giveUp), limitMs);
    work.then(
      (value) => {
        clearTimeout(timer);
        done = true;
        if (late) onLate(value);
        else resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        done = true;
        reject(error);
      },
    );
  });
}

/** Says that a part of the gateway did not answer in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  /** @param who as the log names it: `the store`. */
  constructor(who: string, limitMs: number) {
    super(`${who} did not answer within ${limitMs} ms`);
  }
}

/** The value itself if it is available at once, or a promise of it that is rejected with `NoAnswer` after `limitMs`. */
export function inTime<T>(
  value: MaybePromise<T>,
  limitMs: number,
  who: string,
  onLate?: (value: T) => void,
): MaybePromise<T> {
  if (!isThenable(value)) return value;
  return within(Promise.resolve(value), limitMs, () => new NoAnswer(who, limitMs), onLate);
}
