/** Lets a timer run without keeping the process alive; runtimes whose timers are numbers do so by themselves. */
export function unrefTimer<T>(timer: T): T {
  (timer as { unref?: () => void }).unref?.();
  return timer;
}

/** The longest wait of a timer in milliseconds, some 24 days: a longer one is over at once. Source: Node.js, `setTimeout`. */
export const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** What is wrong with an option in milliseconds that a timer waits for; undefined: nothing. */
export function waitProblem(value: unknown, path: string): string | undefined {
  const fits = Number.isInteger(value) && (value as number) > 0 && (value as number) <= LONGEST_WAIT_MS;
  return fits ? undefined : `${path} must be a positive integer, at most ${LONGEST_WAIT_MS} (24 days)`;
}
