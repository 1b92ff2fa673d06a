import { isObject } from '../openai-api/field-checks.js';

/** Fields of Gemini's own schemas that JSON Schema has no use for. */
const LEFT_OUT: ReadonlySet<string> = new Set(['propertyOrdering', 'nullable', 'example']);

/**
 * A schema in Gemini's own dialect as JSON Schema: types in lower case, `nullable` as a type.
 *
 * Source: ai.google.dev, API reference, `Schema` (a selection of OpenAPI 3.0).
 */
export function toJsonSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toJsonSchema);
  if (!isObject(schema)) return schema;
  const { type, nullable } = schema;
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (LEFT_OUT.has(name)) continue;
    if (name === 'properties' && isObject(value)) {
      result[name] = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJsonSchema(inner)]));
    } else if (name === 'items' || name === 'anyOf') result[name] = toJsonSchema(value);
    // Whole numbers of Gemini's schemas are strings: they have 64 bits.
    else if (/^(?:min|max)(?:Items|Length|Properties)$/.test(name)) result[name] = Number(value);
    else result[name] = value;
  }
  if (nullable === true) {
    // Each of them would refuse null by itself.
    if (Array.isArray(result['anyOf'])) result['anyOf'] = [...result['anyOf'], { type: 'null' }];
    if (Array.isArray(result['enum'])) result['enum'] = [...result['enum'], null];
  }
  if (typeof type === 'string') result['type'] = nullable === true ? [type.toLowerCase(), 'null'] : type.toLowerCase();
  return result;
}
