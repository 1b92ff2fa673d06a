import type { Pool } from 'undici';
import { Lingering } from './lingering.js';
import type { Transport } from './transport.js';
import { UndiciExchange } from './undici-exchange.js';

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
  let loaded: Awaited<typeof loading> | undefined;
  loading.then(
    (undici) => {
      loaded = undici;
    },
    () => {},
  );

  function poolOf(origin: string, undici: Awaited<typeof loading>): Pool {
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

  return {
    send(request) {
      const split = request.url.indexOf('/', 8);
      const origin = split === -1 ? request.url : request.url.slice(0, split);
      const path = split === -1 ? '/' : request.url.slice(split);
      return new Promise((resolve, reject) => {
        const exchange = new UndiciExchange(request.signal, lingering, resolve, reject);
        if (request.signal.aborted) return;
        const fail = (cause: unknown) => exchange.onResponseError(undefined, cause);
        const dispatch = (undici: Awaited<typeof loading>) => {
          const { method, headers, body = null } = request;
          try {
            poolOf(origin, undici).dispatch({ path, method, headers, body }, exchange);
          } catch (cause) {
            fail(cause);
          }
        };
        if (loaded) dispatch(loaded);
        else loading.then(dispatch, fail);
      });
    },

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
