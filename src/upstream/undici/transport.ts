import type { Client, Dispatcher, Pool } from 'undici';
import { Cancellation } from '../../lib/cancellation.js';
import { exchanges } from '../adopt-transport.js';
import { Lingering } from '../lingering.js';
import type { Transport, UpstreamRequest, UpstreamResponse } from '../transport.js';
import { UndiciExchange } from './exchange.js';
import { noteReuse } from './stale-connection.js';

type Undici = typeof import('undici');

/** Where a URL leads. */
interface Address {
  readonly url: string;
  readonly pool: Pool;
  readonly path: string;
}

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
  let last: Address | undefined;
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
      pool = new undici.Pool(origin, clientOptions(undici));
      pools.set(origin, pool);
    }
    return pool;
  }

  function clientOptions(undici: Undici): Client.Options {
    const connect = undici.buildConnector({ timeout: options.connectMs });
    return {
      connect: (target, callback) =>
        connect(target, (...outcome) => {
          const [, socket] = outcome;
          if (socket) noteReuse(socket);
          callback(...outcome);
        }),
      headersTimeout: 0,
      bodyTimeout: 0,
      pipelining: 1,
    };
  }

  /** On a connection of its own, so that it can't meet another one that died while it was kept. */
  function dispatchAfresh(
    origin: string,
    sent: Dispatcher.DispatchOptions,
    exchange: UndiciExchange,
    undici: Undici,
  ): void {
    const client = new undici.Client(origin, clientOptions(undici));
    client.dispatch(sent, exchange);
    void client.close().catch(() => {});
  }

  /** Taken apart and looked up once for as long as requests go to the same URL, as most do. */
  function addressOf(url: string, undici: Undici): Address {
    const split = url.indexOf('/', 8);
    const [origin, path] = split === -1 ? [url, '/'] : [url.slice(0, split), url.slice(split)];
    last = { url, pool: poolOf(origin, undici), path };
    return last;
  }

  function dispatch(request: Omit<UpstreamRequest, 'signal'>, exchange: UndiciExchange, undici: Undici): void {
    const { method, url, headers, body = null } = request;
    try {
      const { pool, path } = url === last?.url ? last : addressOf(url, undici);
      // `undici` takes any iterable of bytes; its types name streams alone.
      const sent = { path, method, headers, body: body as string | Uint8Array | null };
      exchange.onStale = () => dispatchAfresh(url.slice(0, url.length - path.length), sent, exchange, undici);
      pool.dispatch(sent, exchange);
    } catch (cause) {
      exchange.onResponseError(undefined, cause);
    }
  }

  function exchange(request: Omit<UpstreamRequest, 'signal'>, cancellation: Cancellation): Promise<UpstreamResponse> {
    return new Promise((resolve, reject) => {
      const running = new UndiciExchange(cancellation, lingering, resolve, reject);
      if (cancellation.canceled) return;
      if (loaded) dispatch(request, running, loaded);
      else
        loading.then(
          (undici) => dispatch(request, running, undici),
          (cause) => running.onResponseError(undefined, cause),
        );
    });
  }

  const transport: Transport = {
    send: (request) => exchange(request, Cancellation.following(request.signal)),

    async close() {
      lingering.end();
      const all = [...pools.values()];
      pools.clear();
      last = undefined;
      const timer = setTimeout(() => {
        for (const pool of all) void pool.destroy().catch(() => {});
      }, CLOSE_MS);
      await Promise.allSettled(all.map((pool) => pool.close()));
      clearTimeout(timer);
    },
  };
  return exchanges.attach(transport, exchange);
}
