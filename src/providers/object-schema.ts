import { GatewayError } from '../lib/errors.js';
import { isObject } from '../lib/is-object.js';

/** True for a schema that can't describe an object. */
export function isNoObject(schema: unknown): boolean {
  const type = isObject(schema) ? schema['type'] : undefined;
  if (type === undefined || type === null) return false;
  return Array.isArray(type) ? !type.includes('object') : type !== 'object';
}

/**
 * Refuses parameters of a function that are no object: every provider does, most in terms of their own formats.
 *
 * @throws {GatewayError} that names `param`.
 */
export function refuseNoObject(parameters: unknown, param: string): void {
  if (!isNoObject(parameters)) return;
  const message = `Invalid value for '${param}': the root of the schema must have the type 'object'.`;
  throw new GatewayError('invalid_value', { param, message });
}
