import { isAscii } from 'node:buffer';
import { createParser } from 'eventsource-parser';
import { GatewayError } from '../lib/errors.js';
import { joined } from './transport.js';
import { UpstreamError } from './upstream-error.js';

/** One event may be this long, in UTF-16 units, unless the caller says so; a provider that sends more is cut off. */
const MAX_EVENT_LENGTH = 1024 * 1024;

/** Reads server-sent events from bytes that may be split anywhere. */
export interface EventReader {
  /**
   * Takes what arrived together, which is read at once: a call per piece would cost more than the events in it.
   *
   * @throws {UpstreamError} `invalid` when one event is too long, and whatever the listener throws.
   */
  feed(pieces: readonly Uint8Array[]): void;
  /** Dispatches a last event that lacks its blank line. */
  end(): void;
}

/** Makes a reader that calls `onEvent` with the text of each event and its name. */
export type ReadEvents = (
  onEvent: (data: string, name: string | undefined) => void,
  maxEventLength?: number,
) => EventReader;

/**
 * Calls `onEvent` with the data of each event that has some, and its `event:` name.
 *
 * Source: WHATWG HTML, section "Server-sent events": UTF-8, LF, CRLF or CR, comments, several `data:` lines.
 */
export function readEvents(
  onEvent: (data: string, name: string | undefined) => void,
  maxEventLength = MAX_EVENT_LENGTH,
): EventReader {
  const decode = utf8Decoder();
  let pending = 0;
  const parser = createParser({
    onEvent(event) {
      pending = 0;
      onEvent(event.data, event.event);
    },
    onComment(comment) {
      pending -= comment.length;
    },
  });
  return {
    feed(pieces) {
      const text = decode(pieces);
      pending += text.length;
      parser.feed(text);
      if (pending > maxEventLength) throw tooLong();
    },
    end() {
      parser.feed(`${decode([])}\n\n`);
    },
  };
}

/** Decodes a stream; bytes that are all ASCII, as most are, by a plain copy. No bytes: the end. */
function utf8Decoder(): (pieces: readonly Uint8Array[]) => string {
  let decoder: TextDecoder | undefined;
  let begun = false;
  return (pieces) => {
    if (pieces.length === 0) return decoder?.decode() ?? '';
    const bytes = asBuffer(joined(pieces));
    if (!decoder && isAscii(bytes)) {
      begun ||= bytes.byteLength > 0;
      return bytes.toString('latin1');
    }
    // a byte order mark is one only where the stream begins
    decoder ??= new TextDecoder('utf-8', { ignoreBOM: begun });
    return decoder.decode(bytes, { stream: true });
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function tooLong(): UpstreamError {
  return new UpstreamError('invalid', new GatewayError('upstream_error'), { cause: new Error('an event is too long') });
}
