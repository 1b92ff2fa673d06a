import { isObject } from '../lib/is-object.js';
import { aBaseURL, anything, type Check } from '../lib/option-checks.js';

const someHeaders: Check = (value, path) =>
  typeof value === 'function' || isObject(value) ? undefined : `${path} must be an object of headers or a function`;

/** The options that say where a provider is, for `checkGiven`. */
export const PLACE_OPTIONS = { baseURL: aBaseURL, headers: someHeaders };

/** The same with a key, which `requireApiKey` looks at. */
export const ENDPOINT_OPTIONS = { ...PLACE_OPTIONS, apiKey: anything };
