/** They take a millisecond or less. */
const ITEMS_AT_ONCE = 250;
/** Long work takes one part in eight of the event loop's time. */
const REST = 7;
const LONGEST_REST_MS = 20;

/**
 * Waits seven times as long as the piece of work that began at an instant of `performance.now()` has held the event loop:
 * requests and streams have it meanwhile.
 */
export function rest(began: number): Promise<void> {
  const ms = Math.min(REST * (performance.now() - began), LONGEST_REST_MS);
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** `items.map(map)` for long lists, a piece at a time, so that requests and streams have their turn between two. */
export async function mapInTurns<T, R>(items: readonly T[], map: (item: T) => R): Promise<R[]> {
  const results: R[] = [];
  let began = performance.now();
  for (const [i, item] of items.entries()) {
    if (i > 0 && i % ITEMS_AT_ONCE === 0) {
      await rest(began);
      began = performance.now();
    }
    results.push(map(item));
  }
  return results;
}
