import type { EventStreamCodec } from '@smithy/eventstream-codec';
import { GatewayError } from '../../lib/errors.js';
import { optionalPeer } from '../../lib/optional-peer.js';
import type { EventReader, ReadEvents } from '../../upstream/sse-reader.js';
import { joined } from '../../upstream/transport.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import { invalidAnswer } from '../answer-faults.js';

/** The name under which a translator receives an exception inside a stream. */
export const EXCEPTION = 'exception';

/** Who needs the packages. */
const USER = 'a stream of bedrock()';

/** Each message begins with its own length. */
const LENGTH_BYTES = 4;
/** Prelude, its checksum, and the message's checksum. */
const SMALLEST = 16;

/**
 * Reads AWS's event streams: `onEvent` gets the JSON text of each message and its `:event-type`, or an exception as JSON
 * with its type as `__type`.
 *
 * Messages are decoded and their checksums verified by `@smithy/eventstream-codec`; here bytes are only cut into messages.
 * Source: AWS, "Amazon Transcribe: event stream encoding"; smithy.io, "Amazon Event Stream Specification".
 */
export async function loadEventStream(): Promise<ReadEvents> {
  const [{ EventStreamCodec: Codec }, { toUtf8, fromUtf8 }] = await Promise.all([
    optionalPeer('@smithy/eventstream-codec', USER, () => import('@smithy/eventstream-codec')),
    optionalPeer('@smithy/util-utf8', USER, () => import('@smithy/util-utf8')),
  ]);
  const codec = new Codec(toUtf8, fromUtf8);
  return (onEvent, maxEventLength = 1024 * 1024) => new MessageReader(codec, onEvent, maxEventLength);
}

class MessageReader implements EventReader {
  readonly #codec: EventStreamCodec;
  readonly #onEvent: Parameters<ReadEvents>[0];
  readonly #longest: number;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(codec: EventStreamCodec, onEvent: Parameters<ReadEvents>[0], longest: number) {
    this.#codec = codec;
    this.#onEvent = onEvent;
    this.#longest = longest;
  }

  feed(pieces: readonly Uint8Array[]): void {
    let bytes = this.#rest.byteLength === 0 ? joined(pieces) : joined([this.#rest, ...pieces]);
    for (let length = this.#lengthOf(bytes); length <= bytes.byteLength; length = this.#lengthOf(bytes)) {
      this.#dispatch(bytes.subarray(0, length));
      bytes = bytes.subarray(length);
    }
    this.#rest = bytes;
  }

  /** Half a message says nothing: the translator knows whether the answer was complete. */
  end(): void {}

  /** The length of the message that these bytes begin with; infinite when it is not known yet. */
  #lengthOf(bytes: Uint8Array): number {
    if (bytes.byteLength < LENGTH_BYTES) return Infinity;
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
    if (length < SMALLEST) throw invalidAnswer(new Error('a message is shorter than its frame'));
    if (length <= this.#longest) return length;
    throw new UpstreamError('invalid', new GatewayError('upstream_error'), {
      cause: new Error('a message is too long'),
    });
  }

  #dispatch(bytes: Uint8Array): void {
    const { headers, body } = this.#decoded(bytes);
    const header = (name: string): string => String(headers[name]?.value ?? '');
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
    const type = header(':message-type');
    if (type === 'event') {
      this.#onEvent(text, header(':event-type'));
      return;
    }
    const message = type === 'error' ? header(':error-message') : messageIn(text);
    const name = header(':exception-type') || header(':error-code');
    this.#onEvent(JSON.stringify({ __type: name, message }), EXCEPTION);
  }

  #decoded(bytes: Uint8Array) {
    try {
      return this.#codec.decode(bytes);
    } catch (thrown) {
      throw invalidAnswer(thrown);
    }
  }
}

function messageIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { message?: unknown }).message;
  } catch {
    return text;
  }
}
