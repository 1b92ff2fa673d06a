import type { Transform } from 'node:stream';
import {
  type BrotliOptions,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  type ZlibOptions,
} from 'node:zlib';
import { TransportError, type UpstreamBody } from '../transport.js';

/** Output is flushed at once, and a compressed stream may end without its trailer, as event streams do. */
const ZLIB: ZlibOptions = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI: BrotliOptions = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
};

/**
 * A body without its `content-encoding`; gzip, deflate and br are known.
 *
 * Inflates only as far as the reader reads: a small answer that inflates to a huge one costs no more memory than
 * another, and readers bound what they take.
 *
 * @returns undefined for an unknown encoding, or several on top of each other.
 */
export function decodedBody(body: UpstreamBody, encoding: string | undefined): UpstreamBody | undefined {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return body;
    case 'gzip':
    case 'x-gzip':
      return new DecodedBody(body, () => createGunzip(ZLIB));
    case 'deflate':
      return new DecodedBody(body, (first) => (isZlib(first) ? createInflate(ZLIB) : createInflateRaw(ZLIB)));
    case 'br':
      return new DecodedBody(body, () => createBrotliDecompress(BROTLI));
    default:
      return undefined;
  }
}

/** Some servers send raw deflate data as `deflate`. Source: RFC 9110, section 8.4.1.2; RFC 1950, section 2.2. */
function isZlib(first: number): boolean {
  return (first & 0x0f) === 8;
}

class DecodedBody implements UpstreamBody {
  readonly #body: UpstreamBody;
  readonly #createDecoder: (firstByte: number) => Transform;
  #decoder: Transform | undefined;
  #decoded: AsyncIterator<Uint8Array> | undefined;
  #over = false;

  constructor(body: UpstreamBody, createDecoder: (firstByte: number) => Transform) {
    this.#body = body;
    this.#createDecoder = createDecoder;
  }

  async read(): Promise<readonly Uint8Array[] | undefined> {
    try {
      const decoded = (this.#decoded ??= await this.#open());
      const result = await decoded?.next();
      return result === undefined || result.done ? undefined : [result.value];
    } catch (thrown) {
      this.cancel();
      throw TransportError.isInstance(thrown) ? thrown : new TransportError('lost', thrown);
    }
  }

  cancel(): void {
    this.#stop();
    this.#body.cancel();
  }

  discard(): void {
    this.#stop();
    this.#body.discard();
  }

  /** The decoder, fed from now on; undefined when the body is empty. */
  async #open(): Promise<AsyncIterator<Uint8Array> | undefined> {
    let pieces = await this.#body.read();
    while (pieces?.every((piece) => piece.byteLength === 0)) pieces = await this.#body.read();
    const first = pieces?.find((piece) => piece.byteLength > 0);
    if (pieces === undefined || first === undefined || this.#over) return undefined;
    const decoder = this.#createDecoder(first[0] as number);
    // Readers learn of errors from the iterator, which listens only while it is asked.
    this.#decoder = decoder.on('error', () => {});
    void this.#feed(decoder, pieces);
    return decoder[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  /** Writes what arrives, as fast as the decoder takes it. Never rejects: the decoder reports what went wrong. */
  async #feed(decoder: Transform, start: readonly Uint8Array[]): Promise<void> {
    try {
      for (let pieces: readonly Uint8Array[] | undefined = start; pieces; pieces = await this.#body.read()) {
        for (const piece of pieces) if (!decoder.write(piece)) await drained(decoder);
        if (decoder.destroyed || this.#over) return;
      }
      decoder.end();
    } catch (thrown) {
      decoder.destroy(thrown as Error);
    }
  }

  #stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#decoder?.destroy();
  }
}

/** Waits until the decoder takes more or is gone. */
function drained(decoder: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      decoder.off('drain', done).off('close', done);
      resolve();
    };
    if (decoder.destroyed) resolve();
    else decoder.on('drain', done).on('close', done);
  });
}
