/** A value of any kind as an error message shows it: not every object can be written as text. */
export function shown(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
