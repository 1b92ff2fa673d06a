/** A value, or a promise of it: lets in-memory parts answer without a promise. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with a value: at once when it is there, else when it comes. Any thenable counts as a promise. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isThenable(value) ? Promise.resolve(value).then(next) : next(value);
}

/** The result of `work`, or of `onError` when it fails, now or later. */
export function guarded<T>(
  work: () => MaybePromise<T>,
  onError: (thrown: unknown) => MaybePromise<T>,
): MaybePromise<T> {
  try {
    const result = work();
    return isThenable(result) ? Promise.resolve(result).catch(onError) : result;
  } catch (thrown) {
    return onError(thrown);
  }
}

/** True if the value is a promise. Awaiting a value that is already available costs as much as a stage of the pipeline. */
export function isThenable<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
