import { type GatewayRequest, headerValue } from '../http/exchange.js';
import { hashKey } from '../keys/key-format.js';
import { type AttributionOptions, type FactSource, MAX_FACT_LENGTH, readFact, readTags } from './identity.js';
import type { Operation } from './operation.js';
import { NO_TAGS, type Principal } from './principal.js';
import type { Runtime } from './runtime.js';

/**
 * Completes a principal with what its request says: end user, session and tags.
 *
 * @throws {GatewayError} `invalid_value` that names a header or tag of more than 128 characters.
 */
export function attribute(
  principal: Principal,
  operation: Operation,
  request: GatewayRequest,
  { attribution, settings }: Runtime,
): Principal {
  const said = principal.via === 'key' ? attribution : undefined;
  if (said === undefined && operation.endUser === undefined) return principal;
  const endUser =
    principal.endUser ?? read(said?.endUser, 'endUser', request) ?? ofBody(operation.endUser, settings.keyPepper);
  const session = principal.session ?? read(said?.session, 'session', request);
  const tags = said?.tags === undefined ? principal.tags : withTags(principal.tags, said.tags, request);
  return { ...principal, endUser, session, tags };
}

function read(source: FactSource | undefined, param: string, request: GatewayRequest): string | undefined {
  if (source === undefined) return undefined;
  const value = typeof source === 'function' ? source(request) : headerValue(request.headers, source.toLowerCase());
  if (value === undefined || value === '') return undefined;
  return readFact(value, typeof source === 'string' ? source : param);
}

/** A body field may be longer than what can be stored: a digest then replaces it. */
function ofBody(value: string | undefined, pepper: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  return value.length <= MAX_FACT_LENGTH && !/[\p{Cc}\p{Cs}]/u.test(value) ? value : `sha256:${hashKey(value, pepper)}`;
}

function withTags(
  known: Principal['tags'],
  source: NonNullable<AttributionOptions['tags']>,
  request: GatewayRequest,
): Principal['tags'] {
  if (typeof source === 'function') {
    const tags = source(request);
    return tags === undefined ? known : readTags({ ...tags, ...known });
  }
  const tags: Record<string, string> = {};
  for (const [name, header] of Object.entries(source)) {
    const value = read(header, name, request);
    if (value !== undefined) tags[name] = value;
  }
  const all = { ...tags, ...known };
  return Object.keys(all).length === 0 ? NO_TAGS : readTags(all);
}
