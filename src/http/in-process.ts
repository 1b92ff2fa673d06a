import { CANCELLATION, Cancellation } from '../lib/cancellation.js';
import { GatewayError } from '../lib/errors.js';
import type { GatewayRequest, GatewayResponse } from './exchange.js';
import { pathOfUrl } from './paths.js';
import { fromWebRequest, toWebResponse } from './web.js';
import { WholeResponse } from './whole-response.js';

/** Headers that say who asks; inside the process, the identity that `fetch` was made for says it. */
const CREDENTIALS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie'];

/** Answers one request. */
type Handle = (request: GatewayRequest) => Promise<GatewayResponse>;

/**
 * What `fetch` does, by asking a handler in this process. The end of the URL's path names the route; its host and the request's
 * credentials are not looked at. An abort rejects with the signal's reason, also while the body is read.
 */
export async function fetchInProcess(handle: Handle, ...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const plain = input instanceof Request ? undefined : plainRequest(String(input), init);
  const request = plain ?? webRequest(new Request(input, init));
  const signal = plain ? (init?.signal ?? undefined) : request.signal;
  signal?.throwIfAborted();
  const answer = handle(request);
  const response = await (signal ? untilAborted(answer, signal) : answer);
  return toResponse(response, request.method, signal);
}

function toResponse(response: GatewayResponse, method: string, signal: AbortSignal | undefined): Response {
  const { status, headers, body } = response;
  const isStream = typeof body !== 'string' && !(body instanceof Uint8Array);
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304;
  return isStream || !hasBody ? toWebResponse(response, method, signal) : new WholeResponse(body, { status, headers });
}

function webRequest(request: Request): GatewayRequest {
  return withoutCredentials(fromWebRequest(request, pathOfUrl(request.url)));
}

function withoutCredentials(request: GatewayRequest): GatewayRequest {
  const headers = { ...request.headers };
  for (const name of CREDENTIALS) delete headers[name];
  return { ...request, headers };
}

const encoder = new TextEncoder();

/** A request that nobody can abort: its signal is only made for those who ask for one. */
class PlainRequest implements GatewayRequest {
  readonly method: string;
  readonly path: string;
  readonly originalPath: string;
  readonly headers: Record<string, string>;
  readonly [CANCELLATION]: Cancellation | undefined;
  readonly #bytes: Uint8Array;
  readonly #signal: AbortSignal | undefined;

  constructor(path: string, bytes: Uint8Array, { method = 'GET', headers, signal }: RequestInit) {
    this.method = method.toUpperCase();
    this.path = path;
    this.originalPath = path;
    this.headers = headersOf(headers);
    this.#bytes = bytes;
    this.#signal = signal ?? undefined;
    this[CANCELLATION] = signal ? undefined : new Cancellation();
  }

  body(maxBytes: number): Uint8Array {
    if (this.#bytes.byteLength > maxBytes) throw new GatewayError('request_too_large');
    return this.#bytes;
  }

  get signal(): AbortSignal {
    return this.#signal ?? (this[CANCELLATION] as Cancellation).signal;
  }
}

/**
 * Avoids a `Request`, which costs more than everything the gateway does for one; undefined for bodies that only a
 * `Request` can read.
 */
function plainRequest(url: string, init: RequestInit = {}): PlainRequest | undefined {
  const { body } = init;
  if (body !== undefined && body !== null && typeof body !== 'string' && !(body instanceof Uint8Array))
    return undefined;
  const bytes = typeof body === 'string' ? encoder.encode(body) : (body ?? new Uint8Array());
  return new PlainRequest(pathOfUrl(url), bytes, init);
}

/** Lower-case names, without credentials. */
function headersOf(init: RequestInit['headers']): Record<string, string> {
  const headers: Record<string, string> = {};
  const set = (name: string, value: string) => {
    const lower = name.toLowerCase();
    if (!CREDENTIALS.includes(lower)) headers[lower] = value;
  };
  if (init instanceof Headers) for (const [name, value] of init) set(name, value);
  else if (Array.isArray(init)) for (const [name, value] of init) set(name as string, value as string);
  else for (const [name, value] of Object.entries(init ?? {})) if (value !== undefined) set(name, String(value));
  return headers;
}

/** Rejects at once on abort, as `fetch` does; the work then ends by itself, since its client has left. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    work.finally(() => signal.removeEventListener('abort', leave)).then(resolve, reject);
  });
}
