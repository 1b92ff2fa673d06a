/** Lets a timer run without keeping the process alive; runtimes whose timers are numbers do so by themselves. */
export function unrefTimer<T>(timer: T): T {
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
