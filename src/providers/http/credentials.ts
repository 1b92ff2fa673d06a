import { cancellationOf } from '../../lib/cancellation.js';
import { GatewayError } from '../../lib/errors.js';
import { isThenable, type MaybePromise } from '../../lib/maybe-promise.js';
import { TransportError } from '../../upstream/transport.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import type { Attempt } from '../adapter.js';
import type { StreamTranslator } from './dialect.js';

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

/** Makes the credential of one request. @param refused what the provider has just refused. */
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
  // Short values are common words, which error texts may need.
  const hidden = secrets.filter((secret) => secret === keySource || secret.length >= 8);
  if (sources.size === 0 && typeof own !== 'function') return { headers, secrets: hidden };
  return { headers, secrets: hidden, authorize: authorizer(sources as DynamicSources, own, shared) };
}

interface HeaderSource {
  readonly source: CredentialSource;
  readonly format: (value: string) => string;
}

type DynamicSources = ReadonlyMap<
  string,
  HeaderSource & { readonly source: (context: CredentialContext) => MaybePromise<string> }
>;

const asItIs = (value: string) => value;

/** Asks every function, one after the other: each knows what it returned before. */
function authorizer(sources: DynamicSources, own: HeaderOptions, shared: boolean | undefined): Authorize {
  return async (_request, call, refused) => {
    const headers: Record<string, string> = {};
    const secrets: string[] = [];
    const { accountId, model, tags = {} } = call;
    for (const [name, { source, format }] of sources) {
      const rejected = refused?.secrets[secrets.length];
      const value = await source({ accountId, model, tags, ...(rejected !== undefined && { rejected }) });
      headers[name] = format(checked(value, name));
      secrets.push(value);
    }
    if (typeof own === 'function') {
      const rejected = refused && withoutNames(refused.headers, sources);
      const values = await own({ accountId, model, tags, ...(rejected && { rejected }) });
      for (const [name, value] of Object.entries(values)) {
        headers[name.toLowerCase()] = checked(value, name);
        secrets.push(value);
      }
    }
    return { headers, secrets, shared };
  };
}

function withoutNames(headers: Authorization['headers'], names: ReadonlyMap<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name)));
}

/** What a header may hold. Source: RFC 9110, section 5.5. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;

function checked(value: unknown, name: string): string {
  if (typeof value === 'string' && HEADER_VALUE.test(value)) return value;
  throw new TypeError(`the function for '${name}' returned no text that a header can hold`);
}

/**
 * Sends a request with its credential, once more when the provider refuses that and there is a fresh one.
 *
 * @throws {UpstreamError} without the credential in its texts.
 */
export async function withAuthorization<T>(
  request: UnauthorizedRequest,
  call: CredentialCall,
  authorize: Authorize,
  send: (authorization: Authorization) => Promise<T>,
): Promise<T> {
  const first = await obtain(request, call, authorize, undefined);
  try {
    return await send(first);
  } catch (thrown) {
    const error = judged(thrown, first);
    if (!isRefusedCredential(error)) throw error;
    const fresh = await obtain(request, call, authorize, first);
    if (isSame(fresh, first)) throw error;
    try {
      return await send(fresh);
    } catch (again) {
      throw judged(again, fresh);
    }
  }
}

/** The failure of an exchange with a credential that was made for it. */
function judged(thrown: unknown, { secrets, shared }: Authorization): unknown {
  if (UpstreamError.isInstance(thrown)) thrown.ownCredential = shared !== true;
  return withoutSecrets(thrown, secrets);
}

/** Waits for a credential no longer than the request lives. */
async function obtain(
  request: UnauthorizedRequest,
  call: CredentialCall,
  authorize: Authorize,
  refused: Authorization | undefined,
): Promise<Authorization> {
  try {
    const made = authorize(request, call, refused);
    return isThenable(made) ? await unlessGone(Promise.resolve(made), call) : made;
  } catch (thrown) {
    if (GatewayError.isInstance(thrown) || TransportError.isInstance(thrown)) throw thrown;
    throw new UpstreamError('auth', new GatewayError('upstream_error', { cause: thrown }), { cause: thrown });
  }
}

function unlessGone<T>(work: Promise<T>, call: CredentialCall): Promise<T> {
  const cancellation = cancellationOf(call);
  return new Promise<T>((resolve, reject) => {
    const leave = () =>
      reject(new TransportError('connect', new Error('the request ended before it had a credential')));
    const settled = () => {
      cancellation.off(leave);
      cancellation.release();
    };
    work.finally(settled).then(resolve, reject);
    cancellation.onCancel(leave);
  });
}

function isSame(one: Authorization, other: Authorization): boolean {
  return one.secrets.length === other.secrets.length && one.secrets.every((secret, i) => secret === other.secrets[i]);
}

/** Refused as unknown or without permission; an account that is out of money has a good credential. */
function isRefusedCredential(thrown: unknown): boolean {
  return UpstreamError.isInstance(thrown) && thrown.fault === 'auth' && thrown.clientError.code === 'upstream_error';
}

/** The shortest end of an error text that is taken for the beginning of a credential that was cut off. */
const LEAST = 6;

/** Removes a request's own credentials from every text of an error and of what caused it, in place. */
function withoutSecrets(thrown: unknown, secrets: readonly string[]): unknown {
  const seen = new Set<unknown>();
  const visit = (error: unknown): void => {
    if (!(error instanceof Error) || seen.has(error)) return;
    seen.add(error);
    error.message = cleaned(error.message, secrets);
    if (error.stack !== undefined) error.stack = cleaned(error.stack, secrets);
    visit(error.cause);
    if (UpstreamError.isInstance(error)) visit(error.clientError);
  };
  visit(thrown);
  return thrown;
}

function cleaned(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < LEAST) continue;
    clean = clean.replaceAll(secret, '[redacted]');
    for (let length = Math.min(secret.length, clean.length); length >= LEAST; length -= 1) {
      if (!clean.endsWith(secret.slice(0, length))) continue;
      clean = `${clean.slice(0, -length)}[redacted]`;
      break;
    }
  }
  return clean;
}

/** The same translator, whose errors name no credential. */
export function redacting(translator: StreamTranslator, secrets: readonly string[]): StreamTranslator {
  const guard = (work: () => void) => {
    try {
      work();
    } catch (thrown) {
      throw withoutSecrets(thrown, secrets);
    }
  };
  return {
    ...(translator.maxEventLength !== undefined && { maxEventLength: translator.maxEventLength }),
    event: (data, batch, name) => guard(() => translator.event(data, batch, name)),
    end: (batch) => guard(() => translator.end(batch)),
  };
}
