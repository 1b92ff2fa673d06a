import type { Client, Dispatcher, Pool } from 'undici';
import type { Cancellation } from '../../lib/cancellation.js';
import { Lingering } from '../lingering.js';
import type { UpstreamRequest, UpstreamResponse } from '../transport.js';
import { UndiciExchange } from './exchange.js';
import { noteReuse } from './stale-connection.js';

/** The parts of the package that are used. */
export type Undici = Pick<typeof import('undici'), 'Client' | 'Pool' | 'buildConnector'>;

/** Where a URL leads. */
interface Address {
  readonly url: string;
  readonly pool: Pool;
  readonly path: string;
}

/** How long connections have for closing in order before they are cut. */
const CLOSE_MS = 500;

/** One `undici` pool per origin, without time limits of its own, since the watchdog keeps them. */
export class UndiciPools {
  readonly #undici: Undici;
  readonly #connectMs: number;
  readonly #pools = new Map<string, Pool>();
  readonly #lingering = new Lingering();
  #last: Address | undefined;

  constructor(undici: Undici, connectMs: number) {
    this.#undici = undici;
    this.#connectMs = connectMs;
  }

  exchange(request: Omit<UpstreamRequest, 'signal'>, cancellation: Cancellation): Promise<UpstreamResponse> {
    return new Promise((resolve, reject) => {
      const running = new UndiciExchange(cancellation, this.#lingering, resolve, reject);
      if (!cancellation.canceled) this.#dispatch(request, running);
    });
  }

  async close(): Promise<void> {
    this.#lingering.end();
    const all = [...this.#pools.values()];
    this.#pools.clear();
    this.#last = undefined;
    const timer = setTimeout(() => {
      for (const pool of all) void pool.destroy().catch(() => {});
    }, CLOSE_MS);
    await Promise.allSettled(all.map((pool) => pool.close()));
    clearTimeout(timer);
  }

  #dispatch(request: Omit<UpstreamRequest, 'signal'>, exchange: UndiciExchange): void {
    const { method, url, headers, body = null } = request;
    try {
      const { pool, path } = url === this.#last?.url ? this.#last : this.#addressOf(url);
      // `undici` takes any iterable of bytes; its types name streams alone.
      const sent = { path, method, headers, body: body as string | Uint8Array | null };
      exchange.onStale(() => this.#dispatchAfresh(url.slice(0, url.length - path.length), sent, exchange));
      pool.dispatch(sent, exchange);
    } catch (cause) {
      exchange.onResponseError(undefined, cause);
    }
  }

  /** Taken apart and looked up once for as long as requests go to the same URL, as most do. */
  #addressOf(url: string): Address {
    const split = url.indexOf('/', 8);
    const [origin, path] = split === -1 ? [url, '/'] : [url.slice(0, split), url.slice(split)];
    this.#last = { url, pool: this.#poolOf(origin), path };
    return this.#last;
  }

  #poolOf(origin: string): Pool {
    let pool = this.#pools.get(origin);
    if (!pool) {
      pool = new this.#undici.Pool(origin, this.#clientOptions());
      this.#pools.set(origin, pool);
    }
    return pool;
  }

  /** On a connection of its own, so that it can't meet another one that died while it was kept. */
  #dispatchAfresh(origin: string, sent: Dispatcher.DispatchOptions, exchange: UndiciExchange): void {
    const client = new this.#undici.Client(origin, this.#clientOptions());
    client.dispatch(sent, exchange);
    void client.close().catch(() => {});
  }

  #clientOptions(): Client.Options {
    const connect = this.#undici.buildConnector({ timeout: this.#connectMs });
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
}
