type MeasuredBound = typeof import('./measured-bound.js').measuredBound;

let measuredBound: MeasuredBound | undefined;

/** What measures requests; undefined before the first that is not all text. */
export function loadedBound(): MeasuredBound | undefined {
  return measuredBound;
}

/** Called once, when it is loaded. */
export function setLoadedBound(loaded: MeasuredBound): void {
  measuredBound = loaded;
}
