import { loadedOnce } from '../../lib/loaded-late.js';
import type { MaybePromise } from '../../lib/maybe-promise.js';
import type { Attempt } from '../adapter.js';

/** Whom a credential is for. */
export interface CredentialContext<T = string> {
  readonly accountId: string;
  /** The model that the provider is asked for. */
  readonly model: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What this function returned before, when the provider has just refused it: a cache must not return it again. */
  readonly rejected?: T;
}

/**
 * A value, or a function that is asked for it with every request and caches what it wants to.
 *
 * What a function throws fails the attempt as a refused credential does; a `GatewayError` reaches the client as it is.
 */
export type CredentialSource<T = string> = T | ((context: CredentialContext<T>) => MaybePromise<T>);

/** Headers of every request: each may be a function, or one function may return them all. Names in any case. */
export type HeaderOptions =
  | Readonly<Record<string, CredentialSource>>
  | ((context: CredentialContext<Readonly<Record<string, string>>>) => MaybePromise<Readonly<Record<string, string>>>);

/** What a request carries to show who sends it. */
export interface Authorization {
  /** Lower-case names; they replace the other headers of the request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The credentials themselves: removed from error texts, and compared to see whether they are fresh. */
  readonly secrets: readonly string[];
  /** True for a credential that all requests use: what the provider limits is then the target for everyone. */
  readonly shared?: boolean | undefined;
}

/** A request that is ready but for its credential. */
export interface UnauthorizedRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/** The part of a call that decides about its credential. */
export type CredentialCall = Pick<Attempt, 'accountId' | 'model' | 'tags' | 'signal' | 'now'>;

/** Makes the credential of one request. @param refused the credential that the provider has just refused. */
export type Authorize = (
  request: UnauthorizedRequest,
  call: CredentialCall,
  refused: Authorization | undefined,
) => MaybePromise<Authorization>;

/** The headers of an endpoint, and what of them must not reach a client. */
export interface EndpointCredentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Unset when every credential is a plain value. */
  readonly authorize?: Authorize;
}

/** What the options of an adapter say about headers. */
export interface CredentialOptions {
  /** Headers of the adapter itself. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** The header in which the API takes its key, and the key; undefined: the API needs none. */
  readonly key: readonly [header: string, source: CredentialSource | undefined, format?: (key: string) => string];
  /** The operator's own; they win. */
  readonly own?: HeaderOptions | undefined;
  /** True when the function for the key makes one for all requests. */
  readonly shared?: boolean | undefined;
}

/** Reads what an adapter's options say about headers. Functions are called with each request and plain values are not. */
export function readCredentials({ fixed = {}, key, own = {}, shared }: CredentialOptions): EndpointCredentials {
  const [keyHeader, keySource, format = asItIs] = key;
  const headers: Record<string, string> = { ...fixed };
  const secrets: string[] = [];
  const sources = new Map<string, HeaderSource>();
  if (keySource !== undefined) sources.set(keyHeader, { source: keySource, format });
  if (typeof own !== 'function') {
    for (const [name, source] of Object.entries(own)) sources.set(name.toLowerCase(), { source, format: asItIs });
  }
  for (const [name, { source, format: made }] of sources) {
    if (typeof source === 'function') continue;
    headers[name] = made(source);
    secrets.push(headers[name]);
    sources.delete(name);
  }
  if (typeof keySource === 'string') secrets.push(keySource);
  // Short values may be common words, which would be cut out of error texts.
  const hidden = secrets.filter((secret) => secret === keySource || secret.length >= 8);
  if (sources.size === 0 && typeof own !== 'function') return { headers, secrets: hidden };
  const authorizer = loadedOnce(async () =>
    (await credentialFunctions()).authorizer(sources as DynamicSources, own, shared),
  );
  return { headers, secrets: hidden, authorize: async (...asked) => (await authorizer())(...asked) };
}

/** Where the value of a header comes from. */
export interface HeaderSource {
  readonly source: CredentialSource;
  readonly format: (value: string) => string;
}

/** Headers whose values functions make, by name. */
export type DynamicSources = ReadonlyMap<
  string,
  HeaderSource & { readonly source: (context: CredentialContext) => MaybePromise<string> }
>;

const asItIs = (value: string) => value;

/** The code that only credential functions need. */
export const credentialFunctions = loadedOnce(() => import('./credential-functions.js'));
