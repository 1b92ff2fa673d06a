/** What follows a mount in a path, undecoded, always with a leading slash; a path outside the mount stays as it is. */
export function pathBelow(path: string, mount: string): string {
  const base = mount === '' ? '' : mount.replace(/\/+$/, '');
  if (base === '' || !path.startsWith(base)) return path;
  const rest = path.slice(base.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : path;
}

/** The path after this many segments, undecoded, for mounts like `/:tenant/v1` whose text is not known. */
export function pathAfterSegments(path: string, count: number): string {
  const query = path.indexOf('?');
  const end = query === -1 ? path.length : query;
  let position = 0;
  for (let i = 0; i < count; i++) {
    const next = path.indexOf('/', position + 1);
    position = next === -1 || next > end ? end : next;
  }
  const rest = path.slice(position);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** The last segments of a path, and its query, undecoded. */
export function lastSegments(path: string, count: number): string {
  const query = path.indexOf('?');
  const plain = (query === -1 ? path : path.slice(0, query)).replace(/\/$/, '');
  const segments = plain.split('/').slice(1);
  const kept = count === 0 ? [] : segments.slice(-count);
  return `/${kept.join('/')}${query === -1 ? '' : path.slice(query)}`;
}

/** Path and query of an absolute URL, undecoded. */
export function pathOfUrl(url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
  return path.startsWith('/') ? path : `/${path}`;
}
