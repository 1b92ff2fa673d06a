import type { GatewayRequest } from '../http/exchange.js';
import { isFromOtherSite, saysItsSite } from '../http/same-site.js';
import { isAllowedAddress } from '../keys/allowed-addresses.js';
import { isActive } from '../keys/cached-key-store.js';
import { hashKey, hasValidChecksum, MAX_KEY_LENGTH } from '../keys/key-format.js';
import type { KeyWithAccount } from '../keys/key-store.js';
import { GatewayError, unreachable } from '../lib/errors.js';
import { andThen, guarded, type MaybePromise } from '../lib/maybe-promise.js';
import type { Via } from '../meter/meter.js';
import { type HostAuthenticate, type Identity, readIdentity } from './identity.js';
import { type Principal, type PrincipalFacts, principalOf } from './principal.js';
import type { Runtime } from './runtime.js';

/**
 * Stage 1 of 9 · headers -> principal.
 *
 * For a request without a credential the host's own `authenticate` is asked, where there is one.
 *
 * @param app who asks, for a request that the host's own code makes; its headers are not looked at.
 * @throws {GatewayError} `invalid_api_key` with the same text for no, unknown, malformed, revoked and expired keys;
 * `conflicting_credentials` for two that differ; `ip_not_allowed`; `account_suspended`; `origin_not_allowed` for another site's page that uses the host's
 * session; `service_unavailable` when the store can't be reached.
 */
export function authenticate(request: GatewayRequest, runtime: Runtime, app?: Identity): MaybePromise<Principal> {
  if (app) return identify(app, 'app', runtime);
  const secret = readCredential(request);
  if (secret === undefined && runtime.authenticate) return askHost(request, runtime.authenticate, runtime);
  const { keyPrefix, keyPepper } = runtime.settings;
  if (secret === undefined || secret.length > MAX_KEY_LENGTH) throw unauthorized();
  const hash = hashKey(secret, keyPepper);
  // The checksum only saves a look-up: a cached key has passed it before.
  const mayExist = () => hasValidChecksum(secret, keyPrefix);
  return andThen(
    guarded(() => runtime.keys.find(hash, mayExist), unreachable),
    (found) => {
      const now = runtime.now();
      if (found === undefined || !isActive(found.key, now)) throw unauthorized();
      const { allowIps } = found.key.details ?? {};
      if (allowIps && !isAllowedAddress(allowIps, request.ip)) throw new GatewayError('ip_not_allowed');
      runtime.keyUses.note(found.key.id, now);
      return principalOfKey(found, runtime);
    },
  );
}

/** Asks the host who is behind a request. */
function askHost(request: GatewayRequest, ask: HostAuthenticate, runtime: Runtime): MaybePromise<Principal> {
  return andThen(ask(request), (identity) => {
    if (!identity) throw unauthorized();
    checkOrigin(request, runtime.settings.allowedOrigins);
    return identify(hostIdentity(identity, runtime), 'host', runtime);
  });
}

/** A wrong identity is a fault of the host, not of its client. @throws {Error} that is logged and masked. */
function hostIdentity(identity: Identity, { catalog }: Runtime): Identity {
  try {
    return readIdentity(identity, catalog);
  } catch (cause) {
    throw new Error('authenticate returned an invalid identity', { cause });
  }
}

/**
 * A cookie must never be enough for another site's page.
 *
 * @throws {GatewayError} `origin_not_allowed`.
 */
function checkOrigin(request: GatewayRequest, allowedOrigins: readonly string[]): void {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const isUnsaid = !isRead && request.headers['cookie'] !== undefined && !saysItsSite(request);
  if (isUnsaid || isFromOtherSite(request, allowedOrigins)) throw new GatewayError('origin_not_allowed');
}

/** A checked identity as a principal. */
export function identify(identity: Identity, via: Via, runtime: Runtime): MaybePromise<Principal> {
  const { accountId, ...facts } = identity;
  return andThen(
    guarded(() => runtime.keys.account(accountId), unreachable),
    (account) => principalOf({ ...facts, account, via }, runtime.catalog, runtime.logger),
  );
}

const KEY_HEADERS = ['x-api-key', 'api-key', 'x-goog-api-key'] as const;

/** Where clients of the Gemini API may put a key into the query, as Google's own examples do. */
const GEMINI_PATH = /\/models\/[^?]*:\w+\?|\/v1beta\/models\b/;

/**
 * `Authorization: Bearer`, else `x-api-key`, `api-key` or `x-goog-api-key`, and on Gemini's routes `?key=`; each may be
 * repeated as long as all say the same.
 */
function readCredential({ headers, path }: GatewayRequest): string | undefined {
  const { authorization } = headers;
  const plain = KEY_HEADERS.every((name) => headers[name] === undefined);
  if (plain && typeof authorization === 'string' && !authorization.includes(',')) return bearerOf(authorization.trim());
  const bearers = valuesOf(headers['authorization']).filter((value) => !EMPTY.test(value));
  const given = new Set([...bearers.map(bearerOf), ...KEY_HEADERS.flatMap((name) => valuesOf(headers[name]))]);
  if (GEMINI_PATH.test(path)) {
    for (const value of new URLSearchParams(path.split('?')[1]).getAll('key')) given.add(value);
  }
  if (given.size > 1) {
    throw new GatewayError('conflicting_credentials', { headers: { 'x-should-retry': 'false' } });
  }
  return [...given][0];
}

const BEARER = /^Bearer +\S/i;

/** What clients send when their key setting is empty or missing, next to the real key in another header. */
const EMPTY = /^Bearer( +(undefined|null))?$/i;

function bearerOf(value: string): string {
  return BEARER.test(value) ? value.slice('Bearer '.length).trim() : value;
}

/** Repeated headers arrive as a list or joined by commas, which no key contains. Source: RFC 9110, section 5.3. */
function valuesOf(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  const text = Array.isArray(header) ? header.join(',') : header;
  return text
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

function unauthorized(): GatewayError {
  return new GatewayError('invalid_api_key', { headers: { 'www-authenticate': 'Bearer' } });
}

function principalOfKey({ key, account }: KeyWithAccount, { catalog, logger }: Runtime): Principal {
  const session = key.details?.session;
  const { id: budgetId, models, budget, expiresAt } = key;
  const facts: PrincipalFacts = session
    ? { account, via: 'session', models, budget, budgetId, expiresAt, ...session }
    : { key, account, via: 'key' };
  return principalOf(facts, catalog, logger);
}
