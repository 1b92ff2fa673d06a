/** A JSON Schema (2020-12), as OpenAPI 3.1 uses it. */
export type Schema = { readonly [keyword: string]: unknown };

/** The fields of an object by name; a name that ends with `?` may be left out. */
export type Fields = Readonly<Record<string, Schema>>;

export const text: Schema = { type: 'string' };
export const integer: Schema = { type: 'integer' };
export const number: Schema = { type: 'number' };
export const flag: Schema = { type: 'boolean' };
export const moment: Schema = { type: 'string', format: 'date-time' };
/** USD as a decimal string, as every answer gives it. */
export const usd: Schema = { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$', description: 'USD' };
/** USD as a request may give it. */
export const amount: Schema = {
  type: ['string', 'number'],
  description: 'USD, at most nine decimals, up to 9223372036.854775807',
};
/** A time as a request may give it. */
export const time: Schema = { type: ['string', 'integer'], description: 'ISO 8601, or milliseconds since 1970' };

export const list = (items: Schema): Schema => ({ type: 'array', items });
export const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
export const oneOf = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
export const map = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const described = (schema: Schema, description: string): Schema => ({ ...schema, description });

/** An object with these fields and no others. */
export function object(fields: Fields): Schema {
  const names = Object.keys(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [plain(name), fields[name]])),
    required: names.filter((name) => !isOptional(name)),
    additionalProperties: false,
  };
}

export function isOptional(name: string): boolean {
  return name.endsWith('?');
}

/** The name without the mark of an optional one. */
export function plain(name: string): string {
  return isOptional(name) ? name.slice(0, -1) : name;
}
