import { type GatewayRequest, headerValue } from '../http/exchange.js';

const SHORTEST_KEY = 20;

/**
 * Makes an `authenticate` of keys that operators send as `Authorization: Bearer …`. Keep them with your other secrets;
 * they are not API keys of the gateway.
 *
 * @throws {TypeError} for no key at all, and for one of fewer than 20 characters.
 */
export function operatorKeys(...keys: readonly (string | undefined)[]): (request: GatewayRequest) => Promise<boolean> {
  const known = keys.map((key) => {
    if (typeof key === 'string' && key.length >= SHORTEST_KEY) return digest(key);
    throw new TypeError(`operatorKeys: a key must have at least ${SHORTEST_KEY} characters; is the variable set?`);
  });
  if (known.length === 0) throw new TypeError('operatorKeys needs at least one key');
  return async ({ headers }) => {
    const [, given = ''] = /^Bearer +(\S+)$/i.exec(headerValue(headers, 'authorization') ?? '') ?? [];
    const sent = await digest(given);
    let found = false;
    // Every key is compared, so that the time taken says nothing.
    for (const key of known) if ((await key) === sent) found = true;
    return found;
  };
}

/** Comparing digests reveals nothing about the key, however long it takes. */
async function digest(key: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
