import { Cancellation } from '../../lib/cancellation.js';
import { type Exchange, exchanges } from '../adopt-transport.js';
import { type Transport, TransportError } from '../transport.js';
import type { UndiciPools } from './pools.js';

/**
 * The default transport: one `undici` pool per origin, without time limits of its own, since the watchdog keeps them.
 *
 * @param options.connectMs milliseconds for opening a connection, TLS included. @default 10,000
 */
export function undiciTransport({ connectMs = 10_000 }: { readonly connectMs?: number } = {}): Transport {
  // Loading `undici` takes as long as the rest of the package, and apps with their own transport do not need it.
  const loading = loadPools(connectMs);
  let pools: UndiciPools | undefined;
  loading.then(
    (loaded) => {
      pools = loaded;
    },
    () => {},
  );

  const exchange: Exchange = (request, cancellation) =>
    pools ? pools.exchange(request, cancellation) : whenLoaded(request, cancellation);

  const whenLoaded: Exchange = async (request, cancellation) => {
    const loaded = await loading.catch((cause: unknown) => {
      throw new TransportError('connect', cause);
    });
    return loaded.exchange(request, cancellation);
  };

  const transport: Transport = {
    send: (request) => exchange(request, Cancellation.following(request.signal)),
    close: () =>
      loading.then(
        (loaded) => loaded.close(),
        () => {},
      ),
  };
  return exchanges.attach(transport, exchange);
}

async function loadPools(connectMs: number): Promise<UndiciPools> {
  const [undici, { UndiciPools: Pools }] = await Promise.all([import('undici'), import('../wire.js')]);
  return new Pools(undici, connectMs);
}
