/** Lets everything else that waits run first: work that takes long is done a part at a time. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
