import { fetchTransport } from '../upstream/fetch-transport.js';
import type { Transport } from '../upstream/transport.js';
import { undiciTransport } from '../upstream/undici/transport.js';
import type { GatewayOptions } from './options.js';

/** The transport that the options name, or the fastest that the runtime has. */
export function transportOf({ transport, fetch: fetchFunction }: GatewayOptions, connectMs: number): Transport {
  if (transport) return transport;
  if (!fetchFunction && hasUndici()) return undiciTransport({ connectMs });
  return fetchTransport(fetchFunction ?? ((input, init) => globalThis.fetch(input, init)));
}

/**
 * False on Bun, whose own `undici` lacks the dispatcher that the transport is built on, and on Cloudflare Workers,
 * which has no Node sockets.
 */
function hasUndici(): boolean {
  return !('bun' in process.versions) && globalThis.navigator?.userAgent !== 'Cloudflare-Workers';
}
