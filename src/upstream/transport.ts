/** Sends requests to providers. The default on Node is `undiciTransport()`; `fetchTransport(fetch)` fits everywhere. */
export interface Transport {
  /**
   * Resolves when the head of the answer is there. Follows no redirect. Decodes compressed bodies.
   *
   * @throws {TransportError} when no answer came.
   */
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** Closes idle connections at once and open ones when their answers end. */
  close?(): Promise<void>;
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes that come in pieces are read once per request; their length is among the headers. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Aborting it ends the exchange, also while the body is read. */
  readonly signal: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  /** Lower-case names; the first value of a repeated header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: UpstreamBody;
}

/** The body of an answer, pulled by the reader: what is not read holds the provider back. */
export interface UpstreamBody {
  /**
   * All bytes that arrived since the last call, in order, at least one piece; undefined at the end.
   *
   * @throws {TransportError} when the connection broke.
   */
  read(): Promise<readonly Uint8Array[] | undefined>;
  /** Ends the exchange and closes its connection; safe to call at any time, any number of times. */
  cancel(): void;
  /** Drops the rest: reads a little of it so that the connection can be reused, else closes it. */
  discard(): void;
}

/**
 * How an exchange failed: `connect` before any byte of the request left, whatever the reason; after that `lost`,
 * `aborted` by its signal, or `timeout` by a limit of the HTTP client's own.
 */
export type TransportFault = 'connect' | 'lost' | 'aborted' | 'timeout';

const MARK = Symbol.for('metask-gateway.transport-error');

/** A failure below HTTP. Its text may name hosts and is for logs only. */
export class TransportError extends Error {
  override readonly name = 'TransportError';

  constructor(
    readonly fault: TransportFault,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    Object.defineProperty(this, MARK, { value: true });
  }

  /** True for an error of this class, also one that another copy of the package made. */
  static isInstance(value: unknown): value is TransportError {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}

/** Where a body of the gateway's own keeps its faster way to read all of it. */
export const READ_ALL = Symbol('metask-gateway.read-all');

/** A body that reads its rest at once, instead of one `read` after the other. */
export interface WholeBody extends UpstreamBody {
  /**
   * @param onActivity called whenever bytes arrive.
   * @throws {TransportError} when the connection broke.
   * @throws {RangeError} beyond `maxBytes`, after cancelling the body.
   */
  [READ_ALL](maxBytes: number, onActivity: () => void): Promise<Uint8Array>;
}

/** Shared; only ever given whole texts: a decoder that keeps half characters is slow to make and to use. */
const decoder = new TextDecoder();

/**
 * Reads a body to its end.
 *
 * @param onActivity called whenever bytes arrive.
 * @throws {RangeError} beyond `maxBytes`, after cancelling the body.
 */
export function readBytes(body: UpstreamBody, maxBytes: number, onActivity: () => void): Promise<Uint8Array> {
  return READ_ALL in body
    ? (body as WholeBody)[READ_ALL](maxBytes, onActivity)
    : readPieces(body, maxBytes, onActivity);
}

/** A whole body as UTF-8 text. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Reads a body piece by piece. What `onActivity` throws ends it. */
export async function readPieces(body: UpstreamBody, maxBytes: number, onActivity: () => void): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let size = 0;
  for (let pieces = await body.read(); pieces !== undefined; pieces = await body.read()) {
    onActivity();
    for (const piece of pieces) {
      size += piece.byteLength;
      if (size > maxBytes) {
        body.cancel();
        throw tooLong(maxBytes);
      }
      all.push(piece);
    }
  }
  return joined(all);
}

/** Pieces as one, without a copy where there is only one. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  return pieces.length === 1 && first ? first : Buffer.concat(pieces);
}

/** The error for a body that is longer than allowed. */
export function tooLong(maxBytes: number): RangeError {
  return new RangeError(`the answer is larger than ${maxBytes} bytes`);
}
