/** A JSON object of a provider, whose fields may hold anything. */
export type Fields = Record<string, unknown>;

/** True for a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
