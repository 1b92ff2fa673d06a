import type { CredentialSource } from './http/credentials.js';

/**
 * Holds that a provider's key was given: an unset environment variable would otherwise show with the first request.
 *
 * @param factory its name in the message: `openai`.
 * @throws {TypeError} when the key is undefined, empty, or neither text nor a function.
 */
export function requireApiKey(factory: string, apiKey: unknown): CredentialSource {
  if (typeof apiKey === 'string' && apiKey.trim() !== '') return apiKey;
  if (typeof apiKey === 'function') return apiKey as Exclude<CredentialSource, string>;
  const found =
    apiKey === undefined
      ? 'it is undefined; is the environment variable set?'
      : 'it must be a non-empty string or a function that returns one';
  throw new TypeError(`${factory}: apiKey is missing: ${found}`);
}
