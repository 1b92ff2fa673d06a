import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { jointTurn } from '../lib/joint-turn.js';
import type { ExchangeHandler, GatewayRequest, GatewayResponse } from './exchange.js';
import { dropRest } from './node-request.js';

/**
 * Answers one request on a Node response. A failure after the head closes the connection.
 *
 * @param onFailure called for a failure before the head, so that the host can answer.
 */
export function serve(
  handler: ExchangeHandler,
  request: GatewayRequest,
  req: IncomingMessage,
  res: ServerResponse,
  onFailure: (thrown: unknown) => void,
): void {
  const fail = (thrown: unknown) => {
    if (res.headersSent) res.destroy();
    else onFailure(thrown);
  };
  const send = (response: GatewayResponse) => {
    const { body } = response;
    if (typeof body === 'string' || body instanceof Uint8Array) sendWhole(response, body, req, res);
    else sendStream(response, body, req, res).catch(fail);
  };
  void jointTurn()
    .then(() => handler.handle(request))
    .then(send)
    .catch(fail);
}

function sendWhole(
  { status, headers }: GatewayResponse,
  body: string | Uint8Array,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  // The host may already have responded, for example after its own timeout.
  if (res.headersSent || res.destroyed) return;
  const rest = restOf(req, res);
  if (isBodiless(status)) {
    res.writeHead(status, headers).end();
    return;
  }
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  headers['content-length'] ??= String(length);
  res.writeHead(status, headers);
  // As many bytes as characters: ASCII, which needs no encoding.
  const encoding = length === body.length ? 'latin1' : 'utf8';
  if (req.method === 'HEAD') res.end();
  else if (rest) {
    res.write(body, encoding);
    void rest.then(() => res.end());
  } else res.end(body, encoding);
}

/**
 * Reads away the body of a request that was refused unread, up to a bound. Resolves when it has ended. The last answer
 * of a connection must wait for that: Node closes the connection with the answer, and a client that is still sending
 * would see a broken connection. Undefined: the answer may end at once.
 */
export function restOf(req: IncomingMessage, res: ServerResponse): Promise<void> | undefined {
  if (req.complete || req.readableDidRead) return undefined;
  dropRest(req);
  if (res.shouldKeepAlive) return undefined;
  return new Promise((resolve) => void req.once('end', resolve).once('close', resolve));
}

/** Statuses that have neither a body nor its length. Source: RFC 9110, sections 8.6 and 15. */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}

async function sendStream(
  { status, headers }: GatewayResponse,
  body: AsyncIterable<Uint8Array>,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  const leave = () => void iterator.return?.().catch(() => {});
  res.once('close', leave);
  try {
    if (res.headersSent || res.destroyed) return;
    res.writeHead(status, headers);
    if (req.method !== 'HEAD' && !isBodiless(status)) await pump(iterator, res);
    res.end();
  } finally {
    res.off('close', leave);
    await iterator.return?.();
  }
}

/** Writes what comes, as fast as the client takes it. */
async function pump(iterator: AsyncIterator<Uint8Array>, res: ServerResponse): Promise<void> {
  // Added by `compression()`, which buffers until flushed.
  const flush = (res as { flush?: () => void }).flush?.bind(res);
  let result = await firstOf(iterator, res);
  while (!result.done && !res.destroyed) {
    const ready = res.write(result.value);
    flush?.();
    if (!ready && !(await drained(res))) return;
    result = await iterator.next();
  }
}

/** The head leaves with the first bytes when they are there at once, else before them. */
async function firstOf(iterator: AsyncIterator<Uint8Array>, res: ServerResponse): Promise<IteratorResult<Uint8Array>> {
  const waiting = setImmediate(() => res.flushHeaders());
  try {
    return await iterator.next();
  } finally {
    clearImmediate(waiting);
  }
}

/** True when more can be written, false when the client has disconnected: waiting for `drain` alone would hang then. */
function drained(res: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (ready: boolean) => () => {
      res.off('drain', onDrain).off('close', onClose).off('error', onClose);
      resolve(ready);
    };
    const onDrain = settle(true);
    const onClose = settle(false);
    res.once('drain', onDrain).once('close', onClose).once('error', onClose);
    if (res.destroyed) onClose();
  });
}

/** A stream for frameworks that send one themselves; it reads on only when the client takes more. */
export function toReadable(body: AsyncIterable<Uint8Array>): Readable {
  return Readable.from(body, { objectMode: false });
}
