import { type GatewayRequest, headerValue } from '../http/exchange.js';
import { isObject } from '../lib/is-object.js';

/** An operator by the host's own id, under which changes stand in the audit log; true for one without a name. */
export type OperatorIdentity = boolean | { readonly operator: string };

interface KnownKey {
  readonly identity: OperatorIdentity;
  /** Its digest. */
  readonly key: Promise<string>;
}

const SHORTEST_KEY = 20;

/**
 * Makes an `authenticate` of keys that operators send as `Authorization: Bearer …`, each by the name of who holds it:
 * `operatorKeys({ ada: process.env.ADA_KEY, deploy: process.env.DEPLOY_KEY })`. Without names, `operatorKeys(key)`, changes
 * are not in the audit log. Keep the keys with your other secrets; they are not API keys of the gateway.
 *
 * @throws {TypeError} for no key at all, and for one of fewer than 20 characters.
 */
export function operatorKeys(
  keys: Readonly<Record<string, string | undefined>>,
): (request: GatewayRequest) => Promise<OperatorIdentity>;
export function operatorKeys(
  ...keys: readonly (string | undefined)[]
): (request: GatewayRequest) => Promise<OperatorIdentity>;
export function operatorKeys(
  ...given: readonly (string | undefined | Readonly<Record<string, string | undefined>>)[]
): (request: GatewayRequest) => Promise<OperatorIdentity> {
  const known = given.flatMap((one): KnownKey[] =>
    isObject(one)
      ? Object.entries(one).map(([operator, key]) => ({ identity: { operator }, key: digestOf(key) }))
      : [{ identity: true, key: digestOf(one) }],
  );
  if (known.length === 0) throw new TypeError('operatorKeys needs at least one key');
  return async ({ headers }) => {
    const [, sent = ''] = /^Bearer +(\S+)$/i.exec(headerValue(headers, 'authorization') ?? '') ?? [];
    const digest = await digestOfText(sent);
    let found: OperatorIdentity = false;
    // Every key is compared, so that the time taken reveals nothing.
    for (const { identity, key } of known) if ((await key) === digest) found = identity;
    return found;
  };
}

function digestOf(key: string | undefined): Promise<string> {
  if (typeof key === 'string' && key.length >= SHORTEST_KEY) return digestOfText(key);
  throw new TypeError(`operatorKeys: a key must have at least ${SHORTEST_KEY} characters; is the variable set?`);
}

/** Comparing digests reveals nothing about the key, however long it takes. */
async function digestOfText(key: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
