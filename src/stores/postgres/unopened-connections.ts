/** How long a connection may take to open: a database that was asleep needs some seconds. */
const OPENING_MS = 10_000;

/** A connection of `pg` while it opens. */
interface OpeningClient {
  readonly _connecting: boolean;
  readonly connection?: { readonly stream?: { destroy(): unknown } };
}

/**
 * Ends connections that do not open, such as those to a load balancer whose database is gone. A pool of `pg` without
 * `connectionTimeoutMillis` waits for each for ever, and can do nothing more once all that it may have are such.
 *
 * Source: pg-pool, `newClient`, which ends a connection in the same way; it has no public list of those that open.
 */
export class UnopenedConnections {
  readonly #watched = new WeakSet<OpeningClient>();

  /** Watches all connections that a pool opens now. @param waitedMs how long the oldest has been waited for. */
  watch(pool: object, waitedMs: number): void {
    for (const client of openingIn(pool)) {
      if (this.#watched.has(client)) continue;
      this.#watched.add(client);
      setTimeout(() => endIfOpening(client), Math.max(0, OPENING_MS - waitedMs)).unref();
    }
  }
}

function endIfOpening(client: OpeningClient): void {
  if (client._connecting) client.connection?.stream?.destroy();
}

/** Empty for pools that keep their connections in another way. */
function openingIn(pool: object): OpeningClient[] {
  const { _clients: clients } = pool as { _clients?: unknown };
  return Array.isArray(clients) ? (clients as OpeningClient[]).filter(({ _connecting }) => _connecting === true) : [];
}
