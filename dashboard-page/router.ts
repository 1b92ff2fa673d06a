import { useLayoutEffect, useState } from 'preact/hooks';

/** The pages, in the order of the navigation. */
export const PAGES = ['keys', 'usage', 'billing', 'models', 'quickstart', 'operator'] as const;
type PageName = (typeof PAGES)[number];

/** Where the visitor is: `#/operator/accounts` is page `operator`, section `accounts`. */
export interface Place {
  readonly page: PageName;
  readonly section: string;
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

function readPlace(): Place {
  const [, name, section = ''] = location.hash.split('/');
  return { page: PAGES.find((page) => page === name) ?? 'keys', section };
}
