import { useLayoutEffect, useState } from 'preact/hooks';
import { addressOf, type Place, readPlace } from './place.js';

export { addressOf, type Place };

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

/** Changes what is chosen on this page; nothing of it is a step to go back to. */
export function choose({ page, path, query }: Place, change: Readonly<Record<string, string | undefined>>): void {
  const next = addressOf([page, ...path], { ...Object.fromEntries(query), ...change });
  history.replaceState(null, '', next);
  dispatchEvent(new Event('hashchange'));
}
