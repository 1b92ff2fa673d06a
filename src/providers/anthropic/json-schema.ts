import { isObject, type JsonObject } from './api.js';

/** String formats that Anthropic enforces. */
const FORMATS = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid']);
/** Keywords that are kept as they are. */
const KEPT = new Set(['type', 'title', 'description', 'enum', 'const', 'required', 'default']);
const MAX_DEPTH = 100;

/**
 * A JSON Schema in the dialect of Anthropic's structured output: objects are closed, `oneOf` becomes `anyOf`, and
 * constraints that Anthropic refuses become part of the description, where the model can still read them.
 *
 * Source: Anthropic docs, structured outputs, JSON Schema limitations.
 */
export function cleanSchema(schema: JsonObject): JsonObject {
  return clean(schema, 0) as JsonObject;
}

function clean(schema: unknown, depth: number): unknown {
  if (!isObject(schema) || depth > MAX_DEPTH) return schema;
  const definitions = cleanDefinitions(schema, depth);
  if (typeof schema['$ref'] === 'string') return { $ref: schema['$ref'], ...definitions };
  const cleaned: JsonObject = { ...definitions };
  const notes: string[] = [];
  for (const entry of Object.entries(schema)) {
    const [keyword, value] = entry;
    if (keyword === '$defs' || keyword === 'definitions' || keyword === '$schema' || keyword === '$id') continue;
    if (keep(cleaned, entry, 'anyOf' in schema, depth)) continue;
    notes.push(`${keyword}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
  if (isObjectSchema(schema)) {
    cleaned['properties'] ??= {};
    cleaned['additionalProperties'] = false;
  }
  if (notes.length > 0) {
    const note = `{${notes.join(', ')}}`;
    const { description } = schema;
    cleaned['description'] = typeof description === 'string' && description ? `${description}\n\n${note}` : note;
  }
  return cleaned;
}

/** Copies a keyword that Anthropic understands. False for one that it refuses. */
function keep(cleaned: JsonObject, [keyword, value]: [string, unknown], hasAnyOf: boolean, depth: number): boolean {
  const each = (list: unknown) => (Array.isArray(list) ? list.map((item) => clean(item, depth + 1)) : list);
  if (KEPT.has(keyword)) cleaned[keyword] = value;
  else if (keyword === 'properties') cleaned[keyword] = cleanEach(value, depth);
  else if (keyword === 'items' && !Array.isArray(value)) cleaned[keyword] = clean(value, depth + 1);
  else if (keyword === 'anyOf' || keyword === 'allOf') cleaned[keyword] = each(value);
  else if (keyword === 'oneOf' && !hasAnyOf) cleaned['anyOf'] = each(value);
  else if (keyword === 'minItems' && (value === 0 || value === 1)) cleaned[keyword] = value;
  else if (keyword === 'format' && typeof value === 'string' && FORMATS.has(value)) cleaned[keyword] = value;
  // Objects are closed whatever the client wrote: `true` and a schema have no counterpart.
  else if (keyword === 'additionalProperties') return value === false || value === true;
  else return false;
  return true;
}

function cleanDefinitions(schema: JsonObject, depth: number): JsonObject {
  const out: JsonObject = {};
  for (const name of ['$defs', 'definitions']) {
    if (isObject(schema[name])) out[name] = cleanEach(schema[name], depth);
  }
  return out;
}

function cleanEach(schemas: unknown, depth: number): unknown {
  if (!isObject(schemas)) return schemas;
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, clean(schema, depth + 1)]));
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object')) || isObject(properties);
}
