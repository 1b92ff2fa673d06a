import { cancellationOf } from '../../lib/cancellation.js';
import { GatewayError } from '../../lib/errors.js';
import { isThenable } from '../../lib/maybe-promise.js';
import { TransportError } from '../../upstream/transport.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import type {
  Authorization,
  Authorize,
  CredentialCall,
  DynamicSources,
  HeaderOptions,
  UnauthorizedRequest,
} from './credentials.js';
import type { StreamTranslator } from './dialect.js';

/** Calls every credential function in turn; each is told what it returned before. */
export function authorizer(sources: DynamicSources, own: HeaderOptions, shared: boolean | undefined): Authorize {
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

/** Waits for a credential, at most until the request ends. */
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

/**
 * True if the credential was refused as unknown or without permission; an account that is out of money has a valid
 * credential.
 */
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

/** The same translator, with credentials removed from its errors. */
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
