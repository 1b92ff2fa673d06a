/** An object of named values, as JSON has them. */
export type JsonObject = Record<string, unknown>;

/** True for an object of named values, which a list is not. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * True for an object of named options. One that keeps its values elsewhere, such as a promise that nobody awaited or a
 * `Map`, would pass for an object that sets none.
 */
export function isOptions(value: unknown): value is JsonObject {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return !prototype || !Object.getPrototypeOf(prototype) || Object.keys(value).length > 0;
}
