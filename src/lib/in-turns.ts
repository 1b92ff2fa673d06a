import { nextTurn } from './next-turn.js';

/** So many take a millisecond or less. */
const ITEMS_AT_ONCE = 250;
/** Long work takes one part in eight of the event loop's time. */
const REST = 7;
const LONGEST_REST_MS = 20;
/** A turn of the event loop that takes less than this many milliseconds has served nobody. */
const IDLE_TURN_MS = 0.1;

/**
 * Lets requests and streams have the event loop after a piece of work that began at an instant of `performance.now()`:
 * for seven times as long as the piece took, if the next turns of the loop show that others are waiting.
 */
export async function rest(began: number): Promise<void> {
  const ended = performance.now();
  // The turn that the piece ran in may end without a look at the sockets; the next one has looked.
  await nextTurn();
  await nextTurn();
  if (performance.now() - ended < IDLE_TURN_MS) return;
  const ms = Math.min(REST * (ended - began), LONGEST_REST_MS);
  await new Promise((resolve) => setTimeout(resolve, ms));
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
