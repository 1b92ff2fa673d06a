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

/** Loads something once, with the first call; what could not be loaded is tried again with the next. */
export function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((thrown: unknown) => {
      loading = undefined;
      throw thrown;
    });
    return loading;
  };
}

/**
 * An object whose methods are loaded with the first call of one of them. Each of them must be one that may return a promise.
 *
 * @param names all of its methods: the compiler refuses a list that lacks one.
 */
export function methodsLoadedLate<Methods extends Promising<Methods>>(
  names: { readonly [Name in keyof Methods]-?: true },
  load: () => Promise<Methods>,
): Methods {
  const loaded = loadedOnce(load);
  const late =
    (name: keyof Methods) =>
    async (...args: never[]) =>
      ((await loaded())[name] as (...args: never[]) => unknown)(...args);
  return Object.fromEntries(Object.keys(names).map((name) => [name, late(name as keyof Methods)])) as Methods;
}

type Promising<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (...args: never[]) => infer Result
    ? Promise<Awaited<Result>> extends Result
      ? Methods[Name]
      : never
    : never;
};
