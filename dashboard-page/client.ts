import { apiUrl } from './api-url.js';
import { LONGEST_READ_MS, type ReadAnswer, readBody, takeEarly } from './early-reads.js';
import { headersWith } from './page-session.js';

export { apiUrl };

/** An answer other than 2xx; or none in time, with status 0. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** The field that must change. */
    readonly field: string | null,
  ) {
    super(message);
  }
}

/** A write may wait for a payment service. */
const LONGEST_WRITE_MS = 60_000;

/** Reads from the JSON API. @throws {ApiError} */
export function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  return read<T>(takeEarly(url) ?? ask(url, signal), 'read_timeout');
}

async function ask(url: string, signal: AbortSignal | undefined): Promise<ReadAnswer> {
  const request = { headers: headersWith(), credentials: 'same-origin' } as const;
  return readBody(await fetch(url, { ...request, signal: within(LONGEST_READ_MS, signal) }));
}

/** Writes to the JSON API. @throws {ApiError} */
export function post<T>(path: string, body: object = {}): Promise<T> {
  return postTo<T>(apiUrl(path), body);
}

/** Writes to any address on this origin. @throws {ApiError} */
export function postTo<T>(url: string, body: object = {}): Promise<T> {
  return read<T>(send(url, body, within(LONGEST_WRITE_MS)).then(readBody), 'write_timeout');
}

/** Sends JSON; the answer is the caller's to read. */
export function send(url: string, body: object, signal: AbortSignal): Promise<Response> {
  const headers = headersWith({ 'content-type': 'application/json' });
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin', signal });
}

/** Ends a request after a time, or with another signal. Not every browser that is supported has `AbortSignal.any`. */
function within(ms: number, signal?: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  if (!signal) return limit;
  const either = new AbortController();
  for (const one of [limit, signal]) one.addEventListener('abort', () => either.abort(one.reason));
  return either.signal;
}

/** Called once the API has answered that nobody is signed in. */
let onSignedOut = (): void => {};

/** Sets what happens when the session has ended while the page is open. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

async function read<T>(answer: Promise<ReadAnswer>, timeout: 'read_timeout' | 'write_timeout'): Promise<T> {
  try {
    return bodyOf<T>(await answer);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') throw new ApiError(0, timeout, '', null);
    throw error;
  }
}

function bodyOf<T>(answer: ReadAnswer): T {
  if (answer.ok) return answer.body as T;
  throw failureOf(answer);
}

/** What an answer other than 2xx says; one that says that the session has ended is told to the page, too. */
export function failureOf({ status, body }: ReadAnswer): ApiError {
  const { error } = (body ?? {}) as { error?: Record<string, string | null> };
  const code = error?.['code'] ?? '';
  // A key that the gateway refuses is not the visitor's session.
  if (status === 401 && code !== 'invalid_api_key') onSignedOut();
  return new ApiError(status, code, error?.['message'] ?? '', error?.['param'] ?? null);
}
