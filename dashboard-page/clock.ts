/** So far apart they are a wrong clock; less is a slow network. */
const LEAST_MS = 2 * 60_000;

/** How far the server's clock is ahead of this machine's. */
let ahead = 0;

/** The time in milliseconds since the epoch, by the server's clock: keys, grants and days end by it. */
export function now(): number {
  return Date.now() + ahead;
}

/** Compares the clocks by when the server says that it answered with the page; the visitor's may be hours off. */
export function setClock(): void {
  const serverTime = document.querySelector<HTMLMetaElement>('meta[name=server-time]')?.content;
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const difference = Number(serverTime) - (performance.timeOrigin + (navigation?.responseStart ?? 0));
  if (Math.abs(difference) >= LEAST_MS) ahead = difference;
}
