import { GatewayError } from '../lib/errors.js';
import { isObject } from '../lib/is-object.js';
import { type Api, refuseOtherForm } from './other-form.js';

export { isObject };

/** Refuses a value that is not what the field at `path` needs. @throws {GatewayError} that names the path. */
export type Check = (value: unknown, path: string) => void;

/** The error for a required field that is missing. */
export function missing(path: string): GatewayError {
  return new GatewayError('missing_required_parameter', {
    message: `Missing required parameter: '${path}'.`,
    param: path,
  });
}

/** The error for a field of the wrong type. */
export function wrongType(path: string, expected: string): GatewayError {
  return new GatewayError('invalid_type', {
    message: `Invalid type for '${path}': expected ${expected}.`,
    param: path,
  });
}

/** The error for a role that the API does not have, or that the model's provider does not know. */
export function wrongRole(role: string, path: string): GatewayError {
  const message = `Invalid value for '${path}': '${role.slice(0, 40)}' is not a role.`;
  return new GatewayError('unsupported_value', { message, param: path });
}

/** The error for a value that is not allowed. */
export function wrongValue(path: string, problem: string): GatewayError {
  return new GatewayError('invalid_value', { message: `Invalid value for '${path}': ${problem}.`, param: path });
}

export const aBoolean: Check = (value, path) => {
  if (typeof value !== 'boolean') throw wrongType(path, 'a boolean');
};

export function anObject(value: unknown, path: string): asserts value is Record<string, unknown> {
  if (!isObject(value)) throw wrongType(path, 'an object');
}

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
    try {
      for (let i = 0; i < value.length; i += 1) item(value[i], '');
    } catch {
      // Writing the path of an item costs more than checking it, and is only needed for a wrong one.
      for (let i = 0; i < value.length; i += 1) item(value[i], `${path}[${i}]`);
    }
  };
}

/** Checks by the name of the field. */
export type FieldChecks = ReadonlyMap<string, Check>;

export function fieldChecks(checks: Readonly<Record<string, Check>>): FieldChecks {
  return new Map(Object.entries(checks));
}

/** Applies a check to each known field that is there; an explicit null counts as absent. */
export function checkFields(object: Record<string, unknown>, checks: FieldChecks, path: string): void {
  for (const name in object) {
    const value = object[name];
    if (value === null || value === undefined) continue;
    checks.get(name)?.(value, path ? `${path}.${name}` : name);
  }
}

/** An object with such fields, and any others. */
export function objectWith(checks: Readonly<Record<string, Check>>): Check {
  const fields = fieldChecks(checks);
  return (value, path) => {
    anObject(value, path);
    checkFields(value, fields, path);
  };
}

/** The name of a model. */
export const modelName = aString(256);

/**
 * The fields of a request body.
 *
 * @param question the field that holds the input, and its API: a body without it may be of another API.
 * @throws {GatewayError} when it is not an object, is of another API, or names no model.
 */
export function bodyFields(body: unknown, question?: readonly [field: string, api: Api]): Record<string, unknown> {
  if (!isObject(body)) throw wrongType('body', 'a JSON object');
  if (question) refuseOtherForm('body', body, question[0], '', question[1]);
  required(body, 'model', modelName, '');
  if (body['model'] === '') throw wrongValue('model', 'it is empty');
  return body;
}

/** Checks a required field of an object. */
export function required(object: Record<string, unknown>, name: string, check: Check, path: string): void {
  const at = path ? `${path}.${name}` : name;
  const value = object[name];
  if (value === undefined || value === null) throw missing(at);
  check(value, at);
}

/** An explicit null counts as absent; a body without nulls is returned as it is. */
export function withoutNulls(body: Record<string, unknown>): Record<string, unknown> {
  for (const name in body) {
    if (body[name] === null) return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  }
  return body;
}

export const anyNumber: Check = aNumber(-Number.MAX_VALUE, Number.MAX_VALUE);
export const anyInteger: Check = anInteger(Number.MIN_SAFE_INTEGER);
/** A value of a list that the model's provider defines. */
export const word: Check = aString(64);

export const streamOptions = objectWith({ include_usage: aBoolean, include_obfuscation: aBoolean });

const text = aString();
/** The provider limits how many there may be; this only bounds abuse. */
const stops = anArray(0, 1_000, text);

export const stop: Check = (value, path) => {
  if (typeof value === 'string') return;
  if (!Array.isArray(value)) throw wrongType(path, 'a string or an array of strings');
  stops(value, path);
};

const MAX_PARTS = 10_000;

/** A text, or at least `least` parts whose `type` passes `partType`; those of known types are checked. */
export function textOrTypedParts(checks: FieldChecks, least = 1, partType: Check = aString(64)): Check {
  const parts = anArray(least, MAX_PARTS, (part, path) => {
    anObject(part, path);
    required(part, 'type', partType, path);
    checks.get(part['type'] as string)?.(part, path);
  });
  return (value, path) => {
    if (typeof value === 'string') return;
    if (!Array.isArray(value)) throw wrongType(path, 'a string or an array of parts');
    parts(value, path);
  };
}

/** A part with sound, which chat and responses write alike. */
export const audioPart: Check = (part, path) => {
  required(part as Record<string, unknown>, 'input_audio', anObject, path);
  const audio = (part as { input_audio: Record<string, unknown> }).input_audio;
  required(audio, 'data', text, `${path}.input_audio`);
  required(audio, 'format', word, `${path}.input_audio`);
};
