import { useLayoutEffect, useState } from 'preact/hooks';
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

/** The place in the address bar; it follows links, back and forward. */
export function usePlace(): Place {
  const [place, setPlace] = useState(readPlace);
  // An effect would listen only after the first frame, and lose a place that changes before it.
  useLayoutEffect(() => {
    const follow = () => setPlace(readPlace());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return place;
}

/** The address of a place. */
export function addressOf(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const chosen = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(chosen).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** Changes what is chosen on this page; nothing of it is a step to go back to. */
export function choose({ page, path, query }: Place, change: Readonly<Record<string, string | undefined>>): void {
  const next = addressOf([page, ...path], { ...Object.fromEntries(query), ...change });
  history.replaceState(null, '', next);
  dispatchEvent(new Event('hashchange'));
}

function readPlace(): Place {
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
