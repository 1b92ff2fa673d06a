import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from './client.js';
import { takeCome } from './early-reads.js';

/** What is known of a resource of the API. While it is read again, `data` stays. */
export interface Resource<T> {
  readonly data: T | undefined;
  /** True while `data` answers another URL than the one that is asked for now. */
  readonly stale: boolean;
  readonly error: unknown;
  readonly reload: () => void;
  /** Forgets a failure and asks again, as if for the first time. */
  readonly retry: () => void;
}

interface State<T> {
  readonly url?: string;
  readonly data?: T;
  readonly error?: unknown;
}

/**
 * Reads a resource, and again when its URL changes, `reload` is called, or `refreshMs` have passed on a visible page. An
 * answer that takes longer than `refreshMs` is waited for.
 *
 * @param known what is known of it already: it is not read until then.
 */
export function useResource<T>(url: string, refreshMs?: number, known?: T): Resource<T> {
  const [state, setState] = useState<State<T>>(() => {
    const data = known ?? (takeCome(url) as T | undefined);
    return data === undefined ? {} : { url, data };
  });
  const running = useRef<AbortController>(undefined);
  const reload = useCallback(() => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    const ended = () => {
      if (running.current === abort) running.current = undefined;
      return !abort.signal.aborted;
    };
    get<T>(url, abort.signal).then(
      (data) => {
        if (ended()) setState({ url, data });
      },
      (error: unknown) => {
        if (!ended()) return;
        // What was read of another URL is no answer to this one.
        setState((before) => (before.url === url ? { ...before, error } : { url, error }));
      },
    );
  }, [url]);

  const retry = useCallback(() => {
    setState(({ error: _, ...known }) => known);
    reload();
  }, [reload]);

  const wanted = useRef(state.data === undefined);
  useEffect(() => {
    if (wanted.current) reload();
    wanted.current = true;
    return () => running.current?.abort();
  }, [reload]);

  useEffect(() => {
    if (!refreshMs) return;
    const refresh = () => {
      if (document.visibilityState === 'visible' && !running.current) reload();
    };
    const timer = setInterval(refresh, refreshMs);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [refreshMs, reload]);

  const stale = state.data !== undefined && state.url !== url;
  return { data: state.data, stale, error: stale ? undefined : state.error, reload, retry };
}
