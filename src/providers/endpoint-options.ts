import { isOptions } from '../lib/is-object.js';
import { aBaseURL, anything, type Check } from '../lib/option-checks.js';

/** A header whose variable is not set is a mistake as well. */
const someHeaders: Check = (value, path) =>
  typeof value === 'function' || (isOptions(value) && Object.values(value).every(isHeader))
    ? undefined
    : `${path} must hold strings or functions`;

function isHeader(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'function';
}

/** A token of any kind, or a function that is asked for it. */
export const aToken: Check = (value, path) =>
  typeof value === 'string' || typeof value === 'function' ? undefined : `${path} must be a string or a function`;

/** The options that say where a provider is, for `checkGiven`. */
export const PLACE_OPTIONS = { baseURL: aBaseURL, headers: someHeaders };

/** The same with a key, which `requireApiKey` looks at. */
export const ENDPOINT_OPTIONS = { ...PLACE_OPTIONS, apiKey: anything };
