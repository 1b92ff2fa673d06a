import { GatewayError } from '../errors.js';

/** Refuses a value that is not what the field at `path` needs. @throws {GatewayError} that names the path. */
export type Check = (value: unknown, path: string) => void;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that must be there is not. */
export function missing(path: string): GatewayError {
  return new GatewayError('missing_required_parameter', {
    message: `Missing required parameter: '${path}'.`,
    param: path,
  });
}

/** A field has the wrong type. */
export function wrongType(path: string, expected: string): GatewayError {
  return new GatewayError('invalid_type', {
    message: `Invalid type for '${path}': expected ${expected}.`,
    param: path,
  });
}

/** A field has the right type and a value that is not allowed. */
export function wrongValue(path: string, problem: string): GatewayError {
  return new GatewayError('invalid_value', { message: `Invalid value for '${path}': ${problem}.`, param: path });
}

export const aBoolean: Check = (value, path) => {
  if (typeof value !== 'boolean') throw wrongType(path, 'a boolean');
};

export const anObject: Check = (value, path) => {
  if (!isObject(value)) throw wrongType(path, 'an object');
};

export function aString(maxLength = Number.MAX_SAFE_INTEGER): Check {
  return (value, path) => {
    if (typeof value !== 'string') throw wrongType(path, 'a string');
    if (value.length > maxLength) throw wrongValue(path, `it is longer than ${maxLength} characters`);
  };
}

export function oneOf(values: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string') throw wrongType(path, 'a string');
    if (!values.includes(value))
      throw wrongValue(path, `supported values are ${values.map((v) => `'${v}'`).join(', ')}`);
  };
}

export function aNumber(least: number, most: number): Check {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw wrongType(path, 'a number');
    if (value < least || value > most) throw wrongValue(path, `it must be between ${least} and ${most}`);
  };
}

export function anInteger(least: number, most: number = Number.MAX_SAFE_INTEGER): Check {
  return (value, path) => {
    if (!Number.isInteger(value)) throw wrongType(path, 'an integer');
    const integer = value as number;
    if (integer < least || integer > most) throw wrongValue(path, `it must be between ${least} and ${most}`);
  };
}

export function anArray(least: number, most: number, item: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) throw wrongType(path, 'an array');
    if (value.length < least) {
      const message = `Invalid '${path}': expected an array with at least ${least} item${least === 1 ? '' : 's'}.`;
      throw new GatewayError('invalid_value', { message, param: path, publicCode: 'empty_array' });
    }
    if (value.length > most) throw wrongValue(path, `it has more than ${most} items`);
    for (let i = 0; i < value.length; i += 1) item(value[i], `${path}[${i}]`);
  };
}

/** Applies a check to each known field that is there; an explicit null counts as absent. */
export function checkFields(
  object: Record<string, unknown>,
  checks: Readonly<Record<string, Check>>,
  path: string,
): void {
  for (const name in object) {
    const value = object[name];
    if (value === null || value === undefined) continue;
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check) check(value, path ? `${path}.${name}` : name);
  }
}

/** Checks a required field of an object. */
export function required(object: Record<string, unknown>, name: string, check: Check, path: string): void {
  const at = path ? `${path}.${name}` : name;
  const value = object[name];
  if (value === undefined || value === null) throw missing(at);
  check(value, at);
}
