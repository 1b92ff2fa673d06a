import { exchangeOf, exchanges } from '../upstream/adopt-transport.js';
import type { Transport, UpstreamResponse } from '../upstream/transport.js';

/** Wraps a transport to report the head of each answer. It is as fast as the transport itself. */
export function observedTransport(transport: Transport, onHead: (head: UpstreamResponse) => void): Transport {
  const exchange = exchangeOf(transport);
  const noted = (head: UpstreamResponse): UpstreamResponse => {
    onHead(head);
    return head;
  };
  const observed: Transport = { send: (request) => transport.send(request).then(noted) };
  return exchanges.attach(observed, (request, cancellation) => exchange(request, cancellation).then(noted));
}
