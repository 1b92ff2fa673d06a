import { apiUrl } from './api-url.js';
import { LONGEST_READ_MS, takeEarly } from './early-reads.js';

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
  const answer = takeEarly(url) ?? fetch(url, { credentials: 'same-origin', signal: within(LONGEST_READ_MS, signal) });
  return read<T>(answer, 'read_timeout');
}

/** Writes to the JSON API. @throws {ApiError} */
export function post<T>(path: string, body: object = {}): Promise<T> {
  return postTo<T>(apiUrl(path), body);
}

/** Writes to any address on this origin. @throws {ApiError} */
export function postTo<T>(url: string, body: object = {}): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin' } as const;
  return read<T>(fetch(url, { ...request, signal: within(LONGEST_WRITE_MS) }), 'write_timeout');
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

async function read<T>(answer: Promise<Response>, timeout: 'read_timeout' | 'write_timeout'): Promise<T> {
  try {
    return await readAnswer<T>(await answer);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') throw new ApiError(0, timeout, '', null);
    throw error;
  }
}

async function readAnswer<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  const { error } = (await response.json().catch(() => ({}))) as { error?: Record<string, string | null> };
  if (response.status === 401) onSignedOut();
  throw new ApiError(response.status, error?.['code'] ?? '', error?.['message'] ?? '', error?.['param'] ?? null);
}
