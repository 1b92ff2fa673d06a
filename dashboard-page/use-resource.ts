import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from './client.js';

/** What is known of a resource of the API. While it is read again, `data` stays. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly reload: () => void;
}

/** Reads a resource, and again when its URL changes, `reload` is called, or `refreshMs` have passed on a visible page. */
export function useResource<T>(url: string, refreshMs?: number): Resource<T> {
  const [state, setState] = useState<{ readonly data?: T; readonly error?: unknown }>({});
  const running = useRef<AbortController>(undefined);
  const reload = useCallback(() => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    get<T>(url, abort.signal).then(
      (data) => setState({ data }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState((before) => ({ ...before, error }));
      },
    );
  }, [url]);

  useEffect(() => {
    reload();
    return () => running.current?.abort();
  }, [reload]);

  useEffect(() => {
    if (!refreshMs) return;
    const refresh = () => {
      if (document.visibilityState === 'visible') reload();
    };
    const timer = setInterval(refresh, refreshMs);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [refreshMs, reload]);

  return { data: state.data, error: state.error, reload };
}
