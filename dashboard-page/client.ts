import { apiUrl } from './api-url.js';
import { takeEarly } from './early-reads.js';

export { apiUrl };

/** An answer other than 2xx. */
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

/** Reads from the JSON API. @throws {ApiError} */
export function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  return read<T>(takeEarly(url) ?? fetch(url, { credentials: 'same-origin', ...(signal && { signal }) }));
}

/** Writes to the JSON API. @throws {ApiError} */
export function post<T>(path: string, body: object = {}): Promise<T> {
  return postTo<T>(apiUrl(path), body);
}

/** Writes to any address on this origin. @throws {ApiError} */
export function postTo<T>(url: string, body: object = {}): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return read<T>(fetch(url, { method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin' }));
}

/** Called once the API has answered that nobody is signed in. */
let onSignedOut = (): void => {};

/** Sets what happens when the session has ended while the page is open. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

async function read<T>(answer: Promise<Response>): Promise<T> {
  const response = await answer;
  if (response.ok) return (await response.json()) as T;
  const { error } = (await response.json().catch(() => ({}))) as { error?: Record<string, string | null> };
  if (response.status === 401) onSignedOut();
  throw new ApiError(response.status, error?.['code'] ?? '', error?.['message'] ?? '', error?.['param'] ?? null);
}
