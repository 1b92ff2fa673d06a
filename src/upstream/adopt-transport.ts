import type { Cancellation } from '../lib/cancellation.js';
import { NativeFaces } from '../lib/native-face.js';
import { unlessCanceled } from '../lib/unless-canceled.js';
import { withFields } from '../lib/with-fields.js';
import {
  READ_ALL,
  readPieces,
  type Transport,
  TransportError,
  type UpstreamBody,
  type UpstreamRequest,
  type UpstreamResponse,
  type WholeBody,
} from './transport.js';

/**
 * Sends a request, and stops at once when it is canceled, also while the body is read: the one form in which the
 * gateway uses a transport.
 */
export type Exchange = (
  request: Omit<UpstreamRequest, 'signal'>,
  cancellation: Cancellation,
) => Promise<UpstreamResponse>;

/** The gateway's own transports, which need no signal. */
export const exchanges = new NativeFaces<Exchange>('exchange');

/** A transport as the gateway uses it: a foreign one gets a signal, and is abandoned soon after that is aborted. */
export function exchangeOf(transport: Transport): Exchange {
  return exchanges.of(transport) ?? ((request, cancellation) => sendVia(transport, request, cancellation));
}

function sendVia(
  transport: Transport,
  request: Omit<UpstreamRequest, 'signal'>,
  cancellation: Cancellation,
): Promise<UpstreamResponse> {
  const sent = transport.send(withFields(request, { signal: cancellation.signal }));
  return unlessCanceled(sent, cancellation, ({ body }) => body.cancel()).then(({ status, headers, body }) => ({
    status,
    headers,
    body: new StoppableBody(body, cancellation),
  }));
}

/** A body whose transport may ignore its signal. */
class StoppableBody implements WholeBody {
  readonly #body: UpstreamBody;
  readonly #cancellation: Cancellation;

  constructor(body: UpstreamBody, cancellation: Cancellation) {
    this.#body = body;
    this.#cancellation = cancellation;
  }

  read(): Promise<readonly Uint8Array[] | undefined> {
    return unlessCanceled(this.#body.read(), this.#cancellation, () => this.#body.cancel());
  }

  /** All pieces in one race, where `read` has one for each. */
  [READ_ALL](maxBytes: number, onActivity: () => void): Promise<Uint8Array> {
    const onPiece = () => {
      onActivity();
      if (!this.#cancellation.canceled) return;
      this.#body.cancel();
      throw new TransportError('aborted', new Error('the exchange was aborted'));
    };
    return unlessCanceled(readPieces(this.#body, maxBytes, onPiece), this.#cancellation, () => {});
  }

  cancel(): void {
    this.#body.cancel();
  }

  discard(): void {
    this.#body.discard();
  }
}
