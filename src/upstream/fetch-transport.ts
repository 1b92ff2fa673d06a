import type { Transport } from './transport.js';

/**
 * Sends requests through a `fetch` function: the transport for other runtimes, proxies, and tests.
 *
 * Time limits are the gateway's own, but `fetch` may have limits too: Node's gives up after 300 s without an answer or
 * between two pieces of one, which counts as a timeout; pass one with an `Agent` of the same `undici` for longer.
 */
export function fetchTransport(fetchFunction: typeof fetch): Transport {
  return {
    async send(request) {
      const { fetchExchange } = await import('./wire.js');
      return fetchExchange(fetchFunction, request);
    },
  };
}
