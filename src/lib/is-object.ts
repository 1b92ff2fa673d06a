/** An object of named values, as JSON has them. */
export type JsonObject = Record<string, unknown>;

/** True for an object of named values, which a list is not. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
