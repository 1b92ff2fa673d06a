import { GatewayError } from '../lib/errors.js';
import { isObject, type JsonObject } from '../lib/is-object.js';

/** True for a schema that can't describe an object. */
export function isNoObject({ type }: JsonObject): boolean {
  if (type === undefined || type === null) return false;
  return Array.isArray(type) ? !type.includes('object') : type !== 'object';
}

/**
 * Refuses parameters of a function that are no object: every provider does, most in terms of their own formats.
 *
 * @throws {GatewayError} that names `param`.
 */
export function refuseNoObject(parameters: unknown, param: string): void {
  if (!isObject(parameters) || !isNoObject(parameters)) return;
  const message = `Invalid value for '${param}': the root of the schema must have the type 'object'.`;
  throw new GatewayError('invalid_value', { param, message });
}
