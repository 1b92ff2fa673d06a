import { withRootReferences } from './references.js';

type Schema = Record<string, unknown>;

/** Keywords that go through as they are. Source: ai.google.dev, API reference, `responseJsonSchema`. */
const KEPT: ReadonlySet<string> = new Set([
  '$id',
  '$anchor',
  'title',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'propertyOrdering',
]);

/** Keywords that only describe; leaving them out changes nothing. */
const SILENT: ReadonlySet<string> = new Set([
  '$schema',
  '$comment',
  'examples',
  'example',
  'deprecated',
  'discriminator',
]);

const FORMATS: ReadonlySet<string> = new Set(['date-time', 'date', 'time', 'int32', 'int64', 'float', 'double']);

/**
 * A JSON Schema in the subset that Gemini's `parametersJsonSchema` and `responseJsonSchema` accept.
 *
 * What the subset can express is rewritten (`const`, `exclusiveMinimum`, `allOf`, tuples, `definitions`, `nullable`);
 * every other constraint becomes a sentence of the description, so that the model still reads it.
 */
export function toSchema(schema: unknown): unknown {
  return translated(isSchema(schema) ? withRootReferences(schema) : schema);
}

function translated(schema: unknown): unknown {
  if (typeof schema === 'boolean') return {};
  if (!isSchema(schema)) return {};
  const merged = mergeAllOf(schema);
  const target = merged['$ref'];
  if (typeof target === 'string') return { $ref: target };
  const result: Schema = {};
  const notes: string[] = [];
  for (const [keyword, value] of Object.entries(merged)) {
    if (value !== undefined && !SILENT.has(keyword)) translate(keyword, value, merged, result, notes);
  }
  if (merged['nullable'] === true) addNull(result);
  if (notes.length > 0) {
    const described = typeof result['description'] === 'string' ? [result['description']] : [];
    result['description'] = [...described, ...notes].join(' ');
  }
  return result;
}

/** A schema of function parameters, whose root is an object; undefined without parameters. */
export function toParametersSchema(schema: unknown): unknown {
  if (!isSchema(schema) || Object.keys(schema).length === 0) return undefined;
  const result = toSchema(schema);
  return isSchema(result) && result['$ref'] === undefined ? { ...result, type: 'object' } : result;
}

/** What a keyword becomes: written into the result, or into notes for the description. */
type Translate = (value: unknown, whole: Schema, result: Schema, notes: string[]) => void;

function translate(keyword: string, value: unknown, whole: Schema, result: Schema, notes: string[]): void {
  const own = Object.hasOwn(TRANSLATED, keyword) ? TRANSLATED[keyword] : undefined;
  if (KEPT.has(keyword)) result[keyword] = value;
  else if (own) own(value, whole, result, notes);
  else if (!keyword.startsWith('x-')) notes.push(`${keyword}: ${text(value)}.`);
}

const TRANSLATED: Readonly<Record<string, Translate>> = {
  type(value, _whole, result) {
    result['type'] ??= value;
  },
  description(value, _whole, result) {
    if (typeof value === 'string') result['description'] = value;
  },
  nullable() {},
  required(value, whole, result, notes) {
    if (Array.isArray(value)) setRequired(value, whole['properties'], result, notes);
  },
  properties(value, _whole, result) {
    result['properties'] = mapSchemas(value);
  },
  $defs: addDefinitions,
  definitions: addDefinitions,
  items(value, _whole, result) {
    if (Array.isArray(value)) result['prefixItems'] = value.map(translated);
    else result['items'] = translated(value);
  },
  prefixItems: translatedList('prefixItems'),
  anyOf: translatedList('anyOf'),
  oneOf: translatedList('oneOf'),
  additionalProperties(value, _whole, result) {
    result['additionalProperties'] = typeof value === 'boolean' ? value : translated(value);
  },
  enum(value, _whole, result, notes) {
    if (Array.isArray(value)) setEnum(value, result, notes);
  },
  const: (value, _whole, result, notes) => setEnum([value], result, notes),
  exclusiveMinimum: (value, whole, result, notes) => setBound('minimum', value, 1, whole, result, notes),
  exclusiveMaximum: (value, whole, result, notes) => setBound('maximum', value, -1, whole, result, notes),
  format(value, _whole, result, notes) {
    if (typeof value === 'string' && FORMATS.has(value)) result['format'] = value;
    else notes.push(`Format: ${text(value)}.`);
  },
};

function addDefinitions(value: unknown, _whole: Schema, result: Schema): void {
  result['$defs'] = { ...(result['$defs'] as Schema | undefined), ...mapSchemas(value) };
}

function translatedList(keyword: string): Translate {
  return (value, _whole, result) => {
    if (Array.isArray(value)) result[keyword] = value.map(translated);
  };
}

/** Gemini refuses to require something that is not a property ("property is not defined"). */
function setRequired(names: readonly unknown[], properties: unknown, result: Schema, notes: string[]): void {
  const [known, others] = [true, false].map((defined) =>
    names.filter((name) => (isSchema(properties) && Object.hasOwn(properties, String(name))) === defined),
  );
  if (known && known.length > 0) result['required'] = known;
  if (others && others.length > 0) notes.push(`Required: ${others.map(text).join(', ')}.`);
}

/** The subset knows enumerations of strings and numbers alone, and no empty string among them ("cannot be empty"). */
function setEnum(given: readonly unknown[], result: Schema, notes: string[]): void {
  const values = given.filter((value) => value !== '');
  const listed = values.filter((value) => typeof value === 'string' || typeof value === 'number');
  const hasNull = values.includes(null);
  if (values.length < given.length) notes.push('May be an empty string.');
  if (values.length === 0) {
    result['type'] ??= 'string';
    return;
  }
  if (listed.length + (hasNull ? 1 : 0) < values.length) {
    notes.push(`Allowed values: ${values.map(text).join(', ')}.`);
    if (values.every((value) => typeof value === 'boolean')) result['type'] ??= 'boolean';
    return;
  }
  if (listed.length > 0) result['enum'] = listed;
  else result['type'] = 'null';
  if (listed.length > 0 && listed.every((value) => typeof value === 'string')) result['type'] ??= 'string';
  if (hasNull && listed.length > 0) addNull(result);
}

/** Exact for integers; for other numbers the bound becomes inclusive, and the description excludes it. */
function setBound(
  keyword: 'minimum' | 'maximum',
  value: unknown,
  step: 1 | -1,
  whole: Schema,
  result: Schema,
  notes: string[],
): void {
  if (typeof value === 'boolean') {
    if (value) notes.push(`The ${keyword} itself is excluded.`);
    return;
  }
  if (typeof value !== 'number') return;
  const isInteger = whole['type'] === 'integer' && Number.isInteger(value);
  result[keyword] = isInteger ? value + step : value;
  if (!isInteger) notes.push(`Must not be ${value}.`);
}

function addNull(result: Schema): void {
  const type = result['type'];
  if (typeof type === 'string' && type !== 'null') result['type'] = [type, 'null'];
  else if (Array.isArray(type) && !type.includes('null')) result['type'] = [...type, 'null'];
}

/** Folds `allOf` into its parent: properties and required fields add up, other keywords of later members win. */
function mergeAllOf(schema: Schema): Schema {
  const members = schema['allOf'];
  if (!Array.isArray(members)) return schema;
  const { allOf: _, ...merged } = schema;
  for (const member of members.filter(isSchema).map(mergeAllOf)) {
    for (const [keyword, value] of Object.entries(member))
      merged[keyword] = mergeKeyword(keyword, merged[keyword], value);
  }
  return merged;
}

function mergeKeyword(keyword: string, before: unknown, value: unknown): unknown {
  if (keyword === 'properties' && isSchema(before) && isSchema(value)) return { ...before, ...value };
  if (keyword === 'required' && Array.isArray(before) && Array.isArray(value))
    return [...new Set([...before, ...value])];
  if (keyword === 'description' && typeof before === 'string') return before;
  return value;
}

function mapSchemas(schemas: unknown): Schema {
  if (!isSchema(schemas)) return {};
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, translated(schema)]));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
