import { isObject } from './field-checks.js';

/**
 * The arguments of a call as an object, which other APIs ask for. Anything else that a model once wrote, such as JSON that was cut off,
 * is kept as text in `_raw`: it must not make the whole history unusable.
 */
export function callArguments(json: string | null | undefined): Record<string, unknown> {
  if (!json?.trim()) return {};
  try {
    const value: unknown = JSON.parse(json);
    if (value === null) return {};
    return isObject(value) ? value : { _raw: json };
  } catch {
    return { _raw: json };
  }
}
