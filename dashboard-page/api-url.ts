/** The mount: the scripts lie directly below it. */
const MOUNT = new URL('.', import.meta.url);

/** Absolute URL of a path of the JSON API. */
export function apiUrl(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): string {
  const url = new URL(`api/${path}`, MOUNT);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url.href;
}
