import { Cancellation } from '../../lib/cancellation.js';
import { type Exchange, exchanges } from '../adopt-transport.js';
import { type Transport, TransportError } from '../transport.js';
import type { UndiciPools } from './pools.js';

/**
 * The default transport: one `undici` pool per origin, without time limits of its own, since the watchdog keeps them.
 *
 * @param options.connectMs opening a connection, TLS included.
 */
export function undiciTransport(options: { readonly connectMs: number }): Transport {
  // Half of the time that the import of this package would take, and not needed by those who bring their own.
  const loading = loadPools(options.connectMs);
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
