import { parseDuration } from './duration.js';
import { isObject, isOptions } from './is-object.js';
import { parseIsoTime } from './iso-time.js';
import { unknownOptions } from './option-names.js';

/** Of each option a function that names its problem, or undefined. */
export type Checks = Readonly<Record<string, Check>>;

/** Names the problem of a value, or finds none. */
export type Check = (value: unknown, path: string) => string | undefined;

export const anything = () => undefined;
export const aFunction = (value: unknown, path: string) =>
  typeof value === 'function' ? undefined : `${path} must be a function`;
export const aFlag = (value: unknown, path: string) =>
  typeof value === 'boolean' ? undefined : `${path} must be true or false`;
export const aString = (value: unknown, path: string) =>
  typeof value === 'string' ? undefined : `${path} must be a string`;
export const aText = (value: unknown, path: string) =>
  typeof value === 'string' && value !== '' ? undefined : `${path} must be a non-empty string`;
export const positive = (value: unknown, path: string) =>
  Number.isSafeInteger(value) && (value as number) > 0 ? undefined : `${path} must be a positive integer`;
export const notNegative = (value: unknown, path: string) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : `${path} must be an integer ≥ 0`;
export const aDay = (value: unknown, path: string) =>
  typeof value === 'string' && value.length === 10 && !Number.isNaN(parseIsoTime(value))
    ? undefined
    : `${path} must be a day such as '2027-01-31'`;
export const aDuration = (value: unknown, path: string) =>
  parseDuration(value) === undefined ? `${path} must be a length of time such as '30d'` : undefined;
export const one = (values: readonly string[]) => (value: unknown, path: string) =>
  values.includes(value as string)
    ? undefined
    : `${path} must be ${values.length > 1 ? 'one of ' : ''}${values.map((v) => `'${v}'`).join(', ')}`;
/** A value that a reader accepts; the error that it throws says what is wrong. */
export const readBy =
  (read: (value: never) => unknown): Check =>
  (value, path) => {
    try {
      read(value as never);
      return undefined;
    } catch (thrown) {
      return `${path}: ${(thrown as Error).message}`;
    }
  };
/** An address that requests are sent to. */
export const aBaseURL: Check = (value, path) =>
  typeof value === 'string' && /^https?:\/\/[^/]/.test(value) ? undefined : `${path} must be an http(s) URL`;
export const texts: Check = (value, path) =>
  Array.isArray(value) && value.every((text) => typeof text === 'string')
    ? undefined
    : `${path} must be an array of strings`;
export const origins: Check = (value, path) =>
  Array.isArray(value) && value.every(isOrigin)
    ? undefined
    : `${path} must be an array of origins like 'https://app.example.com'`;
export const methods = (names: readonly string[]) => (value: unknown, path: string) => {
  const absent = names.filter((name) => !isObject(value) || typeof value[name] !== 'function');
  return absent.length === 0
    ? undefined
    : `${path} must have the method${absent.length > 1 ? 's' : ''} ${absent.join(', ')}`;
};
export const group = (checks: Checks) => (value: unknown, path: string) => {
  if (!isOptions(value)) return `${path} must be an object`;
  const problems = problemsOf(value, checks, path);
  return problems.length === 0 ? undefined : problems.join('\n');
};

function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value;
}

/** The problems of an object whose fields have checks; a field without one is a problem, too. */
export function problemsOf(object: Record<string, unknown>, checks: Checks, path: string): string[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const at = path ? `${path}.${name}` : name;
    if (!Object.hasOwn(checks, name)) return [`${at} is not an option${hint(name, checks)}`];
    const problem = value === undefined ? undefined : checks[name]?.(value, at);
    return problem === undefined ? [] : problem.split('\n');
  });
}

/**
 * Holds that a function was given an object of options whose fields pass their checks.
 *
 * @param owner the function, for the message: `openai`.
 * @throws {TypeError} that lists every problem, unknown options included.
 */
export function checkGiven(owner: string, options: unknown, checks: Checks): void {
  const problems = isOptions(options) ? problemsOf(options, checks, '') : ['the options must be an object'];
  if (problems.length > 0) throw new TypeError(`${owner}: ${problems.join('; ')}`);
}

/** The names of an object's fields that have to be there and are not. */
export function missingOf(object: Record<string, unknown>, names: readonly string[], path: string): string[] {
  return names.filter((name) => object[name] === undefined).map((name) => `${path}.${name} is missing`);
}

function hint(name: string, checks: Checks): string {
  const known = Object.fromEntries(Object.keys(checks).map((option) => [option, true as const]));
  const meant = unknownOptions({ [name]: true }, known)[0]?.meant;
  return meant === undefined ? '' : `; did you mean '${meant}'?`;
}
