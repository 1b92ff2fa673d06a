export { isObject as isFields } from '../../openai-api/field-checks.js';

/** A JSON object of a provider, whose fields may hold anything. */
export type Fields = Record<string, unknown>;
