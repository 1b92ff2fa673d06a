/** An object with these members and no others; `required` names those that must be there. */
export const closed = (required: readonly string[], properties: object): object => ({
  type: 'object',
  required,
  additionalProperties: false,
  properties,
});

export const TEXT = { type: 'string' };
export const OBJECT = { type: 'object' };

export function listOf(items: object, minItems = 0): object {
  return { type: 'array', minItems, items };
}

/** Visits every schema within a JSON Schema, as keywords place them. */
export function everySchema(schema: unknown, visit: (schema: Readonly<Record<string, unknown>>) => void): void {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return;
  const fields = schema as Readonly<Record<string, unknown>>;
  visit(fields);
  for (const name of ['properties', '$defs', 'definitions', 'patternProperties'])
    for (const inner of Object.values((fields[name] ?? {}) as object)) everySchema(inner, visit);
  for (const name of ['items', 'additionalProperties', 'not', 'contains']) everySchema(fields[name], visit);
  for (const name of ['anyOf', 'oneOf', 'allOf', 'prefixItems'])
    if (Array.isArray(fields[name])) for (const inner of fields[name]) everySchema(inner, visit);
}
