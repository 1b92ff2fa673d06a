import { createParser } from 'eventsource-parser';
import { GatewayError } from '../errors.js';
import { UpstreamError } from './upstream-error.js';

/** One event may be this long, in UTF-16 units, unless the caller says so; a provider that sends more is cut off. */
const MAX_EVENT_LENGTH = 1024 * 1024;

/** Reads server-sent events from bytes that may be split anywhere. */
export interface EventReader {
  /** @throws {UpstreamError} `invalid` when one event is too long, and whatever the listener throws. */
  feed(bytes: Uint8Array): void;
  /** Dispatches a last event that lacks its blank line. */
  end(): void;
}

/**
 * Calls `onEvent` with the data of each event that has any, and its `event:` name.
 *
 * Source: WHATWG HTML, section "Server-sent events": UTF-8, LF, CRLF or CR, comments, several `data:` lines.
 */
export function readEvents(
  onEvent: (data: string, name: string | undefined) => void,
  maxEventLength = MAX_EVENT_LENGTH,
): EventReader {
  const decoder = new TextDecoder();
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
    feed(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      pending += text.length;
      parser.feed(text);
      if (pending > maxEventLength) throw tooLong();
    },
    end() {
      parser.feed(`${decoder.decode()}\n\n`);
    },
  };
}

function tooLong(): UpstreamError {
  return new UpstreamError('invalid', new GatewayError('upstream_error'), { cause: new Error('an event is too long') });
}
