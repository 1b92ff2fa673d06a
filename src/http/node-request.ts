import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { CANCELLATION, Cancellation } from '../lib/cancellation.js';
import { GatewayError } from '../lib/errors.js';
import { announcedLength, type GatewayRequest, type RequestHeaders } from './exchange.js';

/** What an adapter knows better than the plain request does. */
export interface NodeRequestDetails {
  /** Path after the mount, undecoded, with its query. */
  readonly path: string;
  /** Path before the mount was cut off. */
  readonly originalPath: string;
  /** The framework's request object. @default the plain request */
  readonly raw?: unknown;
  /** Where the body is read. @default the plain request */
  readonly source?: Readable | undefined;
  /** @default what a body parser left on the plain request */
  readonly parsedBody?: unknown;
}

/** How much of a refused body is taken before the connection is cut. */
const DISCARD_BYTES = 64 * 1024 * 1024;

/** A Node request as an exchange; the client's connection is watched once somebody asks for it. */
export class NodeRequest implements GatewayRequest {
  readonly ownsBody = true;
  readonly method: string;
  readonly path: string;
  readonly originalPath: string;
  readonly headers: RequestHeaders;
  readonly raw: unknown;
  readonly parsedBody?: unknown;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #source: Readable;
  #disconnected: Cancellation | undefined;

  constructor(req: IncomingMessage, res: ServerResponse, details: NodeRequestDetails) {
    this.#req = req;
    this.#res = res;
    this.#source = details.source ?? req;
    this.method = req.method ?? 'GET';
    this.path = details.path;
    this.originalPath = details.originalPath;
    this.headers = headersOf(req);
    this.raw = details.raw ?? req;
    const parsedBody = details.parsedBody ?? parsedBodyOf(req);
    if (parsedBody !== undefined) this.parsedBody = parsedBody;
  }

  /** The framework's own address, which allows for the proxies that it trusts; else the socket's. */
  get ip(): string | undefined {
    const { ip } = this.raw as { readonly ip?: unknown };
    return typeof ip === 'string' ? ip : this.#req.socket.remoteAddress;
  }

  get [CANCELLATION](): Cancellation {
    if (!this.#disconnected) {
      const disconnected = new Cancellation();
      this.#disconnected = disconnected;
      const res = this.#res;
      if (res.destroyed || (res.closed && !res.writableFinished)) disconnected.cancel();
      else res.on('close', () => res.writableFinished || disconnected.cancel());
    }
    return this.#disconnected;
  }

  get signal(): AbortSignal {
    return this[CANCELLATION].signal;
  }

  hangUp(): void {
    this.#res.destroy();
  }

  pieces(): AsyncIterable<Uint8Array> {
    return this.#source;
  }

  body(maxBytes: number, makeRoom?: (bytes: number) => void): Promise<Uint8Array> {
    const source = this.#source;
    const announced = announcedLength(this.#req.headers);
    return isThereWhole(source)
      ? takeWhole(source, announced, maxBytes, makeRoom)
      : readBody(source, announced, maxBytes, makeRoom);
  }
}

/** What a body parser left behind. Express 4 sets `{}` on bodies that nobody read: only a read one counts. */
function parsedBodyOf(req: IncomingMessage & { readonly body?: unknown }): unknown {
  return req.readableDidRead ? req.body : undefined;
}

/** Reads the body of a framework whose parser may have passed the stream on. */
export function bodyDetails(body: unknown): Pick<NodeRequestDetails, 'source' | 'parsedBody'> {
  const isStream = body instanceof Readable;
  return { source: isStream ? body : undefined, parsedBody: isStream ? undefined : body };
}

/** Node keeps the first of several `Authorization` headers; two that differ must not pass for one. */
function headersOf({ headers, rawHeaders }: IncomingMessage): RequestHeaders {
  let first: string | undefined;
  let all: string[] | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    const value = rawHeaders[i + 1] as string;
    if (first === undefined) first = value;
    else (all ??= [first]).push(value);
  }
  return all ? { ...headers, authorization: all } : headers;
}

/** True of a body that has arrived to its end and that nobody has begun to read. */
function isThereWhole(source: Readable & { readonly complete?: boolean }): boolean {
  return source.complete === true && source.readableFlowing === null && !source.readableDidRead && !source.destroyed;
}

/** Takes such a body: listeners would cost more than all that is done with it. */
async function takeWhole(
  source: Readable,
  announced: number | undefined,
  maxBytes: number,
  makeRoom: ((bytes: number) => void) | undefined,
): Promise<Uint8Array> {
  const body: Buffer = source.read() ?? Buffer.alloc(0);
  if (body.byteLength > maxBytes) throw new GatewayError('request_too_large');
  if (announced === undefined) makeRoom?.(body.byteLength);
  return body;
}

/** Longer bodies are read into one buffer of the announced length: memory for the pieces and the whole would be twice as much. */
const GATHERED_BYTES = 256 * 1024;

function readBody(
  source: Readable,
  announced: number | undefined,
  maxBytes: number,
  makeRoom: ((bytes: number) => void) | undefined,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (source.readableEnded) return reject(new Error('the body was read by something that did not set req.body'));
    if (source.destroyed) return reject(incomplete());
    const isLong = announced !== undefined && announced > GATHERED_BYTES && announced <= maxBytes;
    // Pages that were never written to take no memory.
    let whole = isLong ? Buffer.allocUnsafeSlow(announced) : undefined;
    let first: Buffer | undefined;
    let pieces: Buffer[] | undefined;
    let size = 0;
    let isOver = false;
    const refuse = (error: unknown) => {
      isOver = true;
      source.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      whole = first = pieces = undefined;
      discard(source, () => reject(error));
    };
    const onData = (piece: Buffer) => {
      size += piece.byteLength;
      if (size > maxBytes) return refuse(new GatewayError('request_too_large'));
      if (announced === undefined && makeRoom) {
        try {
          makeRoom(piece.byteLength);
        } catch (refusal) {
          return refuse(refusal);
        }
      }
      if (whole) piece.copy(whole, size - piece.byteLength);
      else if (first === undefined) first = piece;
      else if (pieces) pieces.push(piece);
      else pieces = [first, piece];
    };
    // Listeners stay until the request is garbage collected, which is soon: removing them costs more than all they do.
    const onEnd = () => {
      isOver = true;
      if (whole) resolve(whole.subarray(0, size));
      else resolve(pieces ? Buffer.concat(pieces, size) : (first ?? Buffer.alloc(0)));
      // Otherwise the listeners would keep a second copy of the body until the answer has ended.
      whole = first = pieces = undefined;
    };
    const onGone = (cause?: unknown) => {
      if (isOver) return;
      whole = first = pieces = undefined;
      reject(incomplete(cause));
    };
    if (announced !== undefined && announced > maxBytes) refuse(new GatewayError('request_too_large'));
    else source.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}

function incomplete(cause?: unknown): GatewayError {
  return new GatewayError('invalid_request', { message: 'The body was not complete.', cause });
}

/**
 * Reads away the rest of a refused body, up to a bound, before the answer: clients that are still sending when the
 * connection closes report a broken connection and retry instead of reading why.
 */
function discard(source: Readable, onDone: () => void): void {
  dropRest(source);
  source.once('end', onDone).once('close', onDone).on('error', onDone);
}

/** Reads away the rest of a body that nobody wants, up to a bound; a longer one loses its connection. */
export function dropRest(source: Readable): void {
  let left = DISCARD_BYTES;
  source.on('data', (piece: Buffer) => {
    left -= piece.byteLength;
    if (left < 0) source.destroy();
  });
}
