import { isAscii } from 'node:buffer';
import { createParser } from 'eventsource-parser';
import { tooLarge } from './too-large.js';
import { joined } from './transport.js';

/** One event may be this long, in UTF-16 units, unless the caller says so; a longer one is skipped. */
const MAX_EVENT_LENGTH = 1024 * 1024;
/** A provider that sends more than this of one event is cut off. */
const MAX_SKIPPED_LENGTH = 16 * 1024 * 1024;

/** Reads server-sent events from bytes that may be split anywhere. */
export interface EventReader {
  /**
   * Takes what arrived together, which is read at once: a call per piece would cost more than the events in it.
   *
   * @throws {UpstreamError} `too_large` when an event is too long even to be skipped, and whatever the listener throws.
   */
  feed(pieces: readonly Uint8Array[]): void;
  /** Dispatches a last event that lacks its blank line. */
  end(): void;
}

/** Makes a reader that calls `onEvent` with the text of each event and its name, and `onSkipped` for one that is too long. */
export type ReadEvents = (
  onEvent: (data: string, name: string | undefined) => void,
  maxEventLength: number | undefined,
  onSkipped: () => void,
) => EventReader;

/**
 * Calls `onEvent` with the data of each event that has some, and its `event:` name.
 *
 * Source: WHATWG HTML, section "Server-sent events": UTF-8, LF, CRLF or CR, comments, several `data:` lines.
 */
export function readEvents(
  onEvent: (data: string, name: string | undefined) => void,
  maxEventLength: number | undefined = MAX_EVENT_LENGTH,
  onSkipped: () => void = refuse,
): EventReader {
  const decode = utf8Decoder();
  let pending = 0;
  let skipping: EndOfEvent | undefined;
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
      let text = decode(pieces);
      if (skipping) {
        const end = skipping.find(text);
        if (end === undefined) return;
        skipping = undefined;
        text = text.slice(end);
      }
      pending += text.length;
      parser.feed(text);
      if (pending <= maxEventLength) return;
      parser.reset();
      skipping = new EndOfEvent(text.at(-1) ?? '');
      pending = 0;
      onSkipped();
    },
    end() {
      if (!skipping) parser.feed(`${decode([])}\n\n`);
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

const BLANK_LINE = /\n\n|\r\n\r\n|\r\r/;

/** Looks for the blank line behind an event that is skipped. */
class EndOfEvent {
  #last: string;
  #length = 0;

  /** @param last the last character so far. */
  constructor(last: string) {
    this.#last = last;
  }

  /** Where the next event begins in `text`. @throws {UpstreamError} when the event never seems to end. */
  find(text: string): number | undefined {
    this.#length += text.length;
    if (this.#length > MAX_SKIPPED_LENGTH) throw tooLarge();
    // The blank line may stand across two pieces; long texts are not copied to find that out.
    const seam = this.#last + text.slice(0, 3);
    const across = BLANK_LINE.exec(seam);
    if (across) return across.index + across[0].length - this.#last.length;
    const found = BLANK_LINE.exec(text);
    if (found) return found.index + found[0].length;
    this.#last = text.length < 3 ? seam.slice(-3) : text.slice(-3);
    return undefined;
  }
}

function refuse(): never {
  throw tooLarge();
}
