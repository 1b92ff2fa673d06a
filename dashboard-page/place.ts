import { PAGES, type PageName } from '../src/dashboard/pages.js';

/**
 * Where the visitor is: `#/operator/accounts/alice?sort=spend` is page `operator`, path `['accounts', 'alice']`. What a
 * visitor chose on a page stands in the address, so that a link shows another person the same.
 */
export interface Place {
  readonly page: PageName;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** The address of a place. */
export function addressOf(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const chosen = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(chosen).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** The place in the address bar. */
export function readPlace(): Place {
  const [address = '', search = ''] = location.hash.split('?');
  const [, name, ...path] = address.split('/');
  return {
    page: PAGES.find((page) => page === name) ?? 'home',
    path: path.filter((segment) => segment !== '').map(decode),
    query: new URLSearchParams(search),
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
