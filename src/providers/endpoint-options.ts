import { aBaseURL, anything } from '../lib/option-checks.js';

/** The options that say where a provider is, for `checkGiven`. */
export const PLACE_OPTIONS = { baseURL: aBaseURL, headers: anything };

/** The same with a key, which `requireApiKey` looks at. */
export const ENDPOINT_OPTIONS = { ...PLACE_OPTIONS, apiKey: anything };
