import { GatewayError } from '../lib/errors.js';
import { type OptionNames, unknownOptions } from '../lib/option-names.js';
import type { AdminOperation } from './operation.js';
import { type Fields, isOptional, plain, type Schema } from './schema.js';

/** The query of a call by name, with numbers as numbers and lists as lists. @throws {GatewayError} that names a field. */
export function readQuery(operation: AdminOperation, search: URLSearchParams): Record<string, unknown> {
  const fields = operation.query ?? {};
  refuseUnknown(operation, fields, Object.fromEntries(search));
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, schema]) => {
      const value = search.get(plain(name));
      return value === null ? [] : [[plain(name), readValue(schema, value)]];
    }),
  );
}

/** The body of a call. @throws {GatewayError} that names the field that is unknown or missing. */
export function readFields(operation: AdminOperation, body: unknown): Record<string, unknown> {
  const fields = operation.body ?? {};
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new GatewayError('invalid_type', { message: 'The body must be a JSON object.' });
  }
  refuseUnknown(operation, fields, body);
  for (const name of Object.keys(fields)) {
    if (isOptional(name) || Object.hasOwn(body, name)) continue;
    throw new GatewayError('missing_required_parameter', { message: `'${name}' is missing.`, param: name });
  }
  return body as Record<string, unknown>;
}

function refuseUnknown(operation: AdminOperation, fields: Fields, given: object): void {
  const known = Object.fromEntries(Object.keys(fields).map((name) => [plain(name), true as const]));
  const [unknown] = unknownOptions(given, known satisfies OptionNames<Record<string, unknown>>);
  if (!unknown) return;
  const hint = unknown.meant === undefined ? '' : ` Did you mean '${unknown.meant}'?`;
  const message = `'${unknown.name}' is not a field of ${operation.name}.${hint}`;
  throw new GatewayError('invalid_value', { message, param: unknown.name });
}

function readValue(schema: Schema, value: string): unknown {
  if (schema['type'] === 'array') return value.split(',').filter((item) => item !== '');
  if (schema['type'] === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  const numeric = /^-?\d{1,15}$/.test(value);
  return numeric && allowsInteger(schema) ? Number(value) : value;
}

function allowsInteger({ type, anyOf }: Schema): boolean {
  const types = Array.isArray(type) ? type : [type];
  return types.includes('integer') || (Array.isArray(anyOf) && anyOf.some((schema: Schema) => allowsInteger(schema)));
}
