import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from './client.js';

/** What is known of a resource of the API. While it is read again, `data` stays. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly reload: () => void;
}

/**
 * Reads a resource, and again whenever its URL changes, `reload` is called, or `refreshMs` have passed while the page
 * is visible. `url` may be a function, so that a range that ends "now" moves along.
 */
export function useResource<T>(url: string | (() => string), refreshMs?: number): Resource<T> {
  const [state, setState] = useState<{ data?: T; error?: unknown; key: string }>({ key: '' });
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  const read = typeof url === 'string' ? () => url : url;
  const latest = useRef(read);
  latest.current = read;
  const key = read();

  // biome-ignore lint/correctness/useExhaustiveDependencies: `turn` is how a reload is asked for.
  useEffect(() => {
    const abort = new AbortController();
    get<T>(latest.current(), abort.signal).then(
      (data) => setState({ data, key }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState((before) => ({ ...before, error, key }));
      },
    );
    return () => abort.abort();
  }, [key, turn]);

  useEffect(() => {
    if (!refreshMs) return;
    const refresh = () => document.visibilityState === 'visible' && reload();
    const timer = setInterval(refresh, refreshMs);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [refreshMs, reload]);

  return { data: state.data, error: state.error, reload };
}
