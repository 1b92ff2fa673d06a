import { GatewayError } from '../../lib/errors.js';
import { parseIsoTime } from '../../lib/iso-time.js';
import { isObject, missing, wrongType, wrongValue } from '../../openai-api/field-checks.js';

/** Reads one value or throws a `GatewayError` that names the field. */
export type Reader<T> = (value: unknown, field: string) => T;

/** The fields a write may have, and how each is read. An absent one is read as undefined. */
export type Fields = Readonly<Record<string, Reader<unknown>>>;

/** What the readers give, without the fields that are absent. */
export type ReadFields<F extends Fields> = {
  [K in keyof F as undefined extends ReturnType<F[K]> ? never : K]: ReturnType<F[K]>;
} & {
  [K in keyof F as undefined extends ReturnType<F[K]> ? K : never]?: Exclude<ReturnType<F[K]>, undefined>;
};

/**
 * Reads an object field by field; `path` stands before the names in errors (`'budget.'`).
 *
 * @throws {GatewayError} a 400 whose `param` names the field: unknown, missing or not valid.
 */
export function readFields<F extends Fields>(source: unknown, fields: F, path = ''): ReadFields<F> {
  if (!isObject(source)) throw wrongType(path.slice(0, -1) || 'body', 'an object');
  for (const name of Object.keys(source)) {
    if (!Object.hasOwn(fields, name)) throw unknownField(path + name.slice(0, 100));
  }
  const values: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(fields)) {
    const value = read(Object.hasOwn(source, name) ? source[name] : undefined, path + name);
    if (value !== undefined) values[name] = value;
  }
  return values as ReadFields<F>;
}

/** Lets a field be absent. */
export function optional<T>(read: Reader<T>): Reader<T | undefined> {
  return (value, field) => (value === undefined ? undefined : read(value, field));
}

/** Lets a field be null, which removes a value. */
export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, field) => (value === null ? null : read(value, field));
}

/** A text of `min` to `max` characters without control characters, trimmed. */
export function text({ min = 1, max }: { readonly min?: number; readonly max: number }): Reader<string> {
  return (value, field) => {
    const trimmed = aString(value, field).trim();
    if (trimmed.length < min || trimmed.length > max)
      throw wrongValue(field, `it must have ${min} to ${max} characters`);
    if (/[\p{Cc}\p{Cs}]/u.test(trimmed)) throw wrongValue(field, 'it must not hold control characters');
    return trimmed;
  };
}

/** One of the given texts. */
export function oneOf<const T extends string>(allowed: readonly T[]): Reader<T> {
  return (value, field) => {
    const given = aString(value, field);
    const match = allowed.find((candidate) => candidate === given);
    if (match === undefined) throw wrongValue(field, `it must be one of ${allowed.join(', ')}`);
    return match;
  };
}

/** A language as BCP 47 names it: `de-AT`. */
export const languageTag: Reader<string> = (value, field) => {
  const given = aString(value, field);
  try {
    Intl.getCanonicalLocales(given);
  } catch {
    throw wrongValue(field, 'it must be a language tag, such as de-AT');
  }
  return given;
};

/** An amount in US dollars other than zero with at most nine decimals, as a decimal string: `'10.00'`. */
export function amount({ negative = false }: { readonly negative?: boolean } = {}): Reader<string> {
  const pattern = negative ? /^-?\d{1,9}(\.\d{1,9})?$/ : /^\d{1,9}(\.\d{1,9})?$/;
  return (value, field) => {
    const given = aString(value, field);
    if (!pattern.test(given) || !/[1-9]/.test(given))
      throw wrongValue(field, 'it must be an amount in USD as a decimal string, such as "10.00"');
    return given;
  };
}

/** A whole number between two bounds. */
export function integer({ min, max }: { readonly min: number; readonly max: number }): Reader<number> {
  return (value, field) => {
    if (value === undefined) throw missing(field);
    if (typeof value !== 'number') throw wrongType(field, 'a number');
    if (!Number.isInteger(value) || value < min || value > max)
      throw wrongValue(field, `it must be a whole number from ${min} to ${max}`);
    return value;
  };
}

/** A number between two bounds. */
export function decimal({ min, max }: { readonly min: number; readonly max: number }): Reader<number> {
  return (value, field) => {
    if (value === undefined) throw missing(field);
    if (typeof value !== 'number') throw wrongType(field, 'a number');
    if (!(value >= min && value <= max)) throw wrongValue(field, `it must be a number from ${min} to ${max}`);
    return value;
  };
}

/** True or false. */
export const flag: Reader<boolean> = (value, field) => {
  if (value === undefined) throw missing(field);
  if (typeof value !== 'boolean') throw wrongType(field, 'a boolean');
  return value;
};

/** Names and texts. */
export const texts: Reader<Record<string, string>> = (value, field) => {
  if (value === undefined) throw missing(field);
  if (!isObject(value)) throw wrongType(field, 'an object');
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, aString(one, `${field}.${name.slice(0, 100)}`)]),
  );
};

/** An ISO 8601 instant. */
export const instant: Reader<Date> = (value, field) => {
  const given = aString(value, field);
  const time = parseIsoTime(given);
  if (Number.isNaN(time)) throw wrongValue(field, 'it must be an ISO 8601 time');
  return new Date(time);
};

/** A list of 1 to `max` values, each kept once. */
export function listOf<T>(read: Reader<T>, { max }: { readonly max: number }): Reader<T[]> {
  return (value, field) => {
    if (value === undefined) throw missing(field);
    if (!Array.isArray(value)) throw wrongType(field, 'an array');
    if (value.length === 0 || value.length > max) throw wrongValue(field, `it must have 1 to ${max} entries`);
    return [...new Set(value.map((entry, index) => read(entry, `${field}[${index}]`)))];
  };
}

/** A nested object, as strict as the body itself. */
export function object<F extends Fields>(fields: F): Reader<ReadFields<F>> {
  return (value, field) => {
    if (value === undefined) throw missing(field);
    return readFields(value, fields, `${field}.`);
  };
}

function aString(value: unknown, field: string): string {
  if (value === undefined) throw missing(field);
  if (typeof value !== 'string') throw wrongType(field, 'a string');
  return value;
}

function unknownField(field: string): GatewayError {
  return new GatewayError('invalid_request', { param: field, message: `Unknown field: '${field}'.` });
}
