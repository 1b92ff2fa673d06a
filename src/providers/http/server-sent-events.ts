import type { MaybePromise } from '../../lib/maybe-promise.js';
import type { ReadEvents } from '../../upstream/sse-reader.js';

let read: ReadEvents | undefined;

/** The reader of server-sent events, loaded with the first stream. */
export function serverSentEvents(): MaybePromise<ReadEvents> {
  if (read) return read;
  return import('../../upstream/wire.js').then(({ readEvents }) => {
    read = readEvents;
    return readEvents;
  });
}
