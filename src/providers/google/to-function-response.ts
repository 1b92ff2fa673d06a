import { isObject } from '../../openai-api/field-checks.js';

/** An integer that JSON numbers can't hold: parsing it would change it. */
const LONG_INTEGER = /[:[,\s]-?\d{16,}\s*[,}\]]/;

/**
 * The text of a tool result as the object that `functionResponse.response` must be: a JSON object as it is, anything
 * else as `{ output }`.
 */
export function toFunctionResponse(text: string): Record<string, unknown> {
  if (LONG_INTEGER.test(text)) return { output: text };
  const value = parseExactly(text);
  return isObject(value) ? value : { output: value };
}

/** The JSON value of a text; the text itself where it is not JSON, or is a number that would lose precision. */
function parseExactly(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' && String(value) !== text.trim() ? text : value;
  } catch {
    return text;
  }
}
