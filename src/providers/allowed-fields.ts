import { GatewayError } from '../lib/errors.js';
import { isObject } from '../openai-api/field-checks.js';

/**
 * What a native field may hold: a plain value or a list of them; JSON that is the client's own (a schema, labels), which only
 * a model reads; an object with these fields; a list of such objects.
 */
export type AllowedContent = 'value' | 'json' | AllowedFields | readonly [AllowedFields];

/** Native fields by their names. What is not named here does not reach a provider. */
export interface AllowedFields {
  readonly [name: string]: AllowedContent;
}

/**
 * Checks native fields against a dialect's list: a field that could name another model, add answers, contents or tools, or
 * raise a limit would be paid for by nobody.
 *
 * @throws {GatewayError} `unsupported_parameter` whose `param` is the path of the first field that is not allowed.
 */
export function checkAllowed(fields: Readonly<Record<string, unknown>>, allowed: AllowedFields, path: string): void {
  for (const name in fields) {
    // Left out wherever fields are merged: as data it is nobody's field.
    if (name === '__proto__') continue;
    const at = path === '' ? name : `${path}.${name}`;
    const what = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    if (what === undefined) throw notAllowed(name, at);
    checkValue(fields[name], what, at);
  }
}

/** Checks what one field holds; null asks for nothing. */
export function checkValue(value: unknown, allowed: AllowedContent, path: string): void {
  if (allowed === 'json' || value === null || value === undefined) return;
  if (allowed === 'value') checkPlain(value, path);
  else if (!isList(allowed)) checkObject(value, allowed, path);
  // Some APIs take an object for a list of one: nothing here that counts the items of a list does.
  else if (!Array.isArray(value)) checkPlain(value, path);
  else for (const [index, item] of value.entries()) checkObject(item, allowed[0], `${path}[${index}]`);
}

function isList(allowed: AllowedFields | readonly [AllowedFields]): allowed is readonly [AllowedFields] {
  return Array.isArray(allowed);
}

function checkObject(value: unknown, allowed: AllowedFields, path: string): void {
  if (isObject(value)) checkAllowed(value, allowed, path);
  else checkPlain(value, path);
}

/** Plain values are harmless where an object is wanted: the provider refuses them. */
function checkPlain(value: unknown, path: string): void {
  const items = Array.isArray(value) ? value : [value];
  const odd = items.findIndex((item) => typeof item === 'object' && item !== null);
  if (odd >= 0) throw notAllowed(path, Array.isArray(value) ? `${path}[${odd}]` : path);
}

/** The refusal of a field; `param` is its path. */
export function notAllowed(name: string, param: string): GatewayError {
  const shown = /^[\w.[\]-]{1,100}$/.test(name) ? `'${name}'` : 'this field';
  const message = `The gateway does not pass on ${shown}: what it makes a request cost is not known.`;
  return new GatewayError('unsupported_parameter', { message, param: param.slice(0, 200) });
}
