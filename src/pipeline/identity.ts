import type { Catalog } from '../catalog/catalog.js';
import type { GatewayRequest } from '../http/exchange.js';
import { GatewayError } from '../lib/errors.js';
import { isOptions } from '../lib/is-object.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { type OptionNames, unknownOptions } from '../lib/option-names.js';
import { shown } from '../lib/shown.js';

/** Who a request is for, wherever it comes from. */
export interface Identity {
  /** An unknown account is created, on the default plan. */
  readonly accountId: string;
  /** For this request instead of the account's own plan. */
  readonly plan?: string | undefined;
  /** The account's own customer, member or visitor. */
  readonly endUser?: string | undefined;
  /** One agent run, conversation or job. */
  readonly session?: string | undefined;
  /** At most 8, names and values of at most 128 characters: `{ feature: 'summary' }`. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Narrows the models of the plan. */
  readonly models?: readonly string[] | undefined;
}

/** The host's own sessions: who is behind a request that carries no credential; null or undefined: nobody. */
export type HostAuthenticate = (request: GatewayRequest) => MaybePromise<Identity | null | undefined>;

/** Where one fact about a request is read: a header by its name, or a function of the request. */
export type FactSource = string | ((request: GatewayRequest) => string | undefined);

/** How requests with a key say for whom they are. What an identity or a session token says wins. */
export interface AttributionOptions {
  /** @default the body's `safety_identifier`, else its `user` (`metadata.user_id` on `messages`) */
  readonly endUser?: FactSource;
  readonly session?: FactSource;
  /** One header for each tag, or a function of the request. */
  readonly tags?:
    | Readonly<Record<string, string>>
    | ((request: GatewayRequest) => Readonly<Record<string, string>> | undefined);
}

const NAMES: OptionNames<Identity> = {
  accountId: true,
  plan: true,
  endUser: true,
  session: true,
  tags: true,
  models: true,
};

const MAX_ACCOUNT_ID = 256;
/** Characters of an end user, a session, a tag's name or its value. */
export const MAX_FACT_LENGTH = 128;
const MAX_TAGS = 8;

/**
 * Checks an identity that the host gave, and takes it apart from later changes of the host's object.
 *
 * @throws {GatewayError} `invalid_value` that names the field.
 */
export function readIdentity(identity: Identity, { plans }: Catalog): Identity {
  if (!isOptions(identity)) throw invalid('identity', 'it must be an object');
  const [unknown] = unknownOptions(identity, NAMES);
  if (unknown) throw invalid(unknown.name, 'it is not a field of an identity');
  const { accountId, plan, endUser, session, tags, models } = identity;
  if (plan !== undefined && !plans.has(plan)) throw invalid('plan', `'${shown(plan)}' is not a plan`);
  if (models !== undefined && !(Array.isArray(models) && models.every((model) => typeof model === 'string')))
    throw invalid('models', 'it must be an array of model names');
  return {
    accountId: readFact(accountId, 'accountId', MAX_ACCOUNT_ID),
    plan,
    ...(endUser !== undefined && { endUser: readFact(endUser, 'endUser') }),
    ...(session !== undefined && { session: readFact(session, 'session') }),
    ...(tags !== undefined && { tags: readTags(tags) }),
    ...(models !== undefined && { models: [...models] }),
  };
}

/** @throws {GatewayError} `invalid_value` that names `tags`, or the tag as `tags.NAME`. */
export function readTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!isOptions(tags)) throw invalid('tags', 'it must be an object');
  const entries = Object.entries(tags).filter(([, value]) => value !== undefined);
  if (entries.length > MAX_TAGS) throw invalid('tags', `there may be at most ${MAX_TAGS}`);
  for (const [name] of entries) readFact(name, 'tags');
  return Object.freeze(Object.fromEntries(entries.map(([name, value]) => [name, readFact(value, `tags.${name}`)])));
}

/** @throws {GatewayError} `invalid_value` that names `param`. */
export function readFact(value: unknown, param: string, maxLength = MAX_FACT_LENGTH): string {
  const isPlain = typeof value === 'string' && value.trim() !== '' && value.length <= maxLength;
  if (!isPlain || /[\p{Cc}\p{Cs}]/u.test(value))
    throw invalid(param, `it must be 1 to ${maxLength} printable characters`);
  return value;
}

function invalid(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_value', { message: `Invalid value for '${param}': ${problem}.`, param });
}
