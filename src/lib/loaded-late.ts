import { andThen, type MaybePromise } from './maybe-promise.js';

/** A function whose module is loaded with its first call: what an app never asks for costs it neither time nor memory. */
export function loadedLate<Args extends unknown[], Result>(
  load: () => Promise<(...args: Args) => MaybePromise<Result>>,
): (...args: Args) => MaybePromise<Result> {
  let loaded: ((...args: Args) => MaybePromise<Result>) | undefined;
  return (...args) => {
    if (loaded) return loaded(...args);
    return andThen(load(), (found) => {
      loaded = found;
      return found(...args);
    });
  };
}
