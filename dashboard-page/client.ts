/** The mount: the script lies directly below it. */
const MOUNT = new URL('.', import.meta.url);

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

/** Absolute URL of a path of the JSON API. */
export function apiUrl(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): string {
  const url = new URL(`api/${path}`, MOUNT);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}

/** Reads from the JSON API. @throws {ApiError} */
export function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  return send<T>(url, signal ? { signal } : {});
}

/** Writes to the JSON API. @throws {ApiError} */
export function post<T>(path: string, body: object = {}): Promise<T> {
  return postTo<T>(apiUrl(path), body);
}

/** Writes to any address on this origin. @throws {ApiError} */
export function postTo<T>(url: string, body: object = {}): Promise<T> {
  return send<T>(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Called once the API has answered that nobody is signed in. */
let onSignedOut = (): void => {};

/** Sets what happens when the session has ended while the page is open. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

async function send<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, { ...init, credentials: 'same-origin' });
  if (response.ok) return (await response.json()) as T;
  const { error } = (await response.json().catch(() => ({}))) as { error?: Record<string, string | null> };
  if (response.status === 401) onSignedOut();
  throw new ApiError(response.status, error?.['code'] ?? '', error?.['message'] ?? '', error?.['param'] ?? null);
}
