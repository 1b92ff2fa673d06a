import type { Pool } from 'undici';
import { Cancellation } from './cancellation.js';
import { Lingering } from './lingering.js';
import type { Transport, UpstreamRequest, UpstreamResponse } from './transport.js';
import { UndiciExchange } from './undici-exchange.js';

type Undici = typeof import('undici');

/** How long connections have for closing in order before they are cut. */
const CLOSE_MS = 500;

/**
 * The default transport: one `undici` pool per origin, without time limits of its own, since the watchdog keeps them.
 *
 * @param options.connectMs opening a connection, TLS included.
 */
export function undiciTransport(options: { readonly connectMs: number }): Transport {
  const pools = new Map<string, Pool>();
  const lingering = new Lingering();
  // Half of the time that the import of this package would take, and not needed by those who bring their own.
  const loading = import('undici');
  let loaded: Undici | undefined;
  loading.then(
    (undici) => {
      loaded = undici;
    },
    () => {},
  );

  function poolOf(origin: string, undici: Undici): Pool {
    let pool = pools.get(origin);
    if (!pool) {
      pool = new undici.Pool(origin, {
        connect: { timeout: options.connectMs },
        headersTimeout: 0,
        bodyTimeout: 0,
        pipelining: 1,
      });
      pools.set(origin, pool);
    }
    return pool;
  }

  function dispatch(request: Omit<UpstreamRequest, 'signal'>, exchange: UndiciExchange, undici: Undici): void {
    const { method, url, headers, body = null } = request;
    const split = url.indexOf('/', 8);
    const origin = split === -1 ? url : url.slice(0, split);
    const path = split === -1 ? '/' : url.slice(split);
    try {
      poolOf(origin, undici).dispatch({ path, method, headers, body }, exchange);
    } catch (cause) {
      exchange.onResponseError(undefined, cause);
    }
  }

  function exchange(request: Omit<UpstreamRequest, 'signal'>, cancellation: Cancellation): Promise<UpstreamResponse> {
    return new Promise((resolve, reject) => {
      const running = new UndiciExchange(cancellation, lingering, resolve, reject);
      if (cancellation.cancelled) return;
      if (loaded) dispatch(request, running, loaded);
      else
        loading.then(
          (undici) => dispatch(request, running, undici),
          (cause) => running.onResponseError(undefined, cause),
        );
    });
  }

  return {
    exchange,
    send: (request) => exchange(request, Cancellation.following(request.signal)),

    async close() {
      lingering.end();
      const all = [...pools.values()];
      pools.clear();
      const timer = setTimeout(() => {
        for (const pool of all) void pool.destroy().catch(() => {});
      }, CLOSE_MS);
      await Promise.allSettled(all.map((pool) => pool.close()));
      clearTimeout(timer);
    },
  };
}
