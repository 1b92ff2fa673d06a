export { fileOutbox } from '../stores/file-outbox.js';

import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors.js';
import type { ExchangeHandler, GatewayRequest, GatewayResponse } from '../exchange.js';

/** What an adapter knows better than the plain request does. */
export interface NodeRequestDetails {
  /** Path after the mount, undecoded, with its query. */
  readonly path: string;
  /** Path before the mount was cut off. @default `path` */
  readonly originalPath?: string;
  /** Set when a body parser ran before. */
  readonly parsedBody?: unknown;
}

/**
 * Makes a `node:http` request listener of a gateway.
 *
 * @example createServer(toNodeHandler(gateway)).listen(3000)
 */
export function toNodeHandler(handler: ExchangeHandler): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    void serve(handler, req, res, { path: req.url ?? '/' });
  };
}

/** Answers one request on a Node response. Never rejects: a failure after the head closes the connection. */
export async function serve(
  handler: ExchangeHandler,
  req: IncomingMessage,
  res: ServerResponse,
  details: NodeRequestDetails,
): Promise<void> {
  try {
    await send(await handler.handle(new NodeRequest(req, res, details)), req, res);
  } catch {
    res.destroy();
  }
}

/** A Node request as an exchange; its abort signal is made when it is first asked for. */
class NodeRequest implements GatewayRequest {
  readonly method: string;
  readonly path: string;
  readonly originalPath: string;
  readonly headers: IncomingMessage['headers'];
  readonly parsedBody?: unknown;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  #controller: AbortController | undefined;

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    { path, originalPath = path, parsedBody }: NodeRequestDetails,
  ) {
    this.#req = req;
    this.#res = res;
    this.method = req.method ?? 'GET';
    this.path = path;
    this.originalPath = originalPath;
    this.headers = req.headers;
    if (parsedBody !== undefined) this.parsedBody = parsedBody;
  }

  get raw(): IncomingMessage {
    return this.#req;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      const controller = new AbortController();
      this.#controller = controller;
      const res = this.#res;
      if (res.destroyed || (res.closed && !res.writableFinished)) controller.abort();
      else res.once('close', () => res.writableFinished || controller.abort());
    }
    return this.#controller.signal;
  }

  body(maxBytes: number): Promise<Uint8Array> {
    return readBody(this.#req, maxBytes);
  }
}

function readBody(req: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (Number(req.headers['content-length'] ?? 0) > maxBytes) return reject(tooLarge());
    const pieces: Buffer[] = [];
    let size = 0;
    const stop = (error: Error) => {
      req.off('data', onData).off('end', onEnd).off('close', onClose);
      reject(error);
    };
    const onData = (piece: Buffer) => {
      size += piece.byteLength;
      if (size > maxBytes) {
        req.pause();
        stop(tooLarge());
      } else pieces.push(piece);
    };
    const onEnd = () => resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces));
    const onClose = () => stop(new GatewayError('invalid_request', { message: 'The body was not complete.' }));
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', stop);
  });
}

/** The rest of the body is not read, so the connection can't be used again. */
function tooLarge(): GatewayError {
  return new GatewayError('request_too_large', { headers: { connection: 'close' } });
}

async function send(response: GatewayResponse, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { body, status, headers } = response;
  if (typeof body === 'string' || body instanceof Uint8Array) {
    headers['content-length'] ??= String(typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength);
    res.writeHead(status, headers);
    res.end(req.method === 'HEAD' || status === 204 ? undefined : body);
    return;
  }
  const iterator = body[Symbol.asyncIterator]();
  try {
    res.socket?.setNoDelay(true);
    res.writeHead(status, headers);
    if (req.method !== 'HEAD') await pump(iterator, res);
    res.end();
  } finally {
    await iterator.return?.();
  }
}

/** Writes what comes, as fast as the client takes it. */
async function pump(iterator: AsyncIterator<Uint8Array>, res: ServerResponse): Promise<void> {
  const flush = (res as { flush?: () => void }).flush?.bind(res);
  for (let result = await iterator.next(); !result.done; result = await iterator.next()) {
    if (res.destroyed) return;
    const ready = res.write(result.value);
    flush?.();
    if (!ready && !(await drained(res))) return;
  }
}

/** True when more can be written, false when the client is gone: waiting for `drain` alone would hang then. */
function drained(res: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (ready: boolean) => () => {
      res.off('drain', onDrain).off('close', onGone).off('error', onGone);
      resolve(ready);
    };
    const onDrain = settle(true);
    const onGone = settle(false);
    res.once('drain', onDrain).once('close', onGone).once('error', onGone);
    if (res.destroyed) onGone();
  });
}
