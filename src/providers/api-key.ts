/**
 * Holds that a provider's key was given: an unset environment variable would otherwise show with the first request.
 *
 * @param factory its name in the message: `openai`.
 * @throws {TypeError} when the key is undefined, empty or not text.
 */
export function requireApiKey(factory: string, apiKey: unknown): string {
  if (typeof apiKey === 'string' && apiKey.trim() !== '') return apiKey;
  const found =
    apiKey === undefined ? 'it is undefined; is the environment variable set?' : 'it must be a non-empty string';
  throw new TypeError(`${factory}: apiKey is missing: ${found}`);
}
