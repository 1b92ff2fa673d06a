import { GatewayError } from '../lib/errors.js';
import { announcedLength, type GatewayRequest, type GatewayResponse } from './exchange.js';
import { pathOfUrl } from './paths.js';

/** Answers a web request with a handler of exchanges. @param path after the mount, undecoded. */
export async function answerWebRequest(
  handle: (request: GatewayRequest) => Promise<GatewayResponse>,
  request: Request,
  path: string,
): Promise<Response> {
  return toWebResponse(await handle(fromWebRequest(request, path)), request.method, request.signal);
}

/** Reads a web `Request` as an exchange. @param path after the mount, undecoded. */
export function fromWebRequest(request: Request, path: string): GatewayRequest {
  const headers: Record<string, string> = {};
  request.headers.forEach((value, name) => {
    headers[name] = value;
  });
  return {
    method: request.method,
    path,
    originalPath: pathOfUrl(request.url),
    raw: request,
    headers,
    signal: request.signal,
    body: (maxBytes, makeRoom) => readBody(request, announcedLength(headers), maxBytes, makeRoom),
  };
}

async function readBody(
  request: Request,
  announced: number | undefined,
  maxBytes: number,
  makeRoom: ((bytes: number) => void) | undefined,
): Promise<Uint8Array> {
  if (request.bodyUsed) throw new Error('the request body was already consumed');
  if (announced !== undefined && announced > maxBytes) throw new GatewayError('request_too_large');
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (let result = await next(reader); result && !result.done; result = await next(reader)) {
    size += result.value.byteLength;
    try {
      if (size > maxBytes) throw new GatewayError('request_too_large');
      if (announced === undefined) makeRoom?.(result.value.byteLength);
    } catch (refusal) {
      await reader?.cancel();
      throw refusal;
    }
    pieces.push(result.value);
  }
  return concatenated(pieces, size);
}

/** @throws {GatewayError} `invalid_request` when the client left during its upload. */
async function next(reader: ReadableStreamDefaultReader<Uint8Array> | undefined) {
  try {
    return await reader?.read();
  } catch (cause) {
    throw new GatewayError('invalid_request', { message: 'The body was not complete.', cause });
  }
}

function concatenated(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}

/**
 * Writes an exchange as a web `Response`.
 *
 * @param signal of the request: once it is aborted, a stream fails with its reason instead of ending.
 */
export function toWebResponse(
  { status, headers, body }: GatewayResponse,
  method: string,
  signal?: AbortSignal,
): Response {
  const empty = method === 'HEAD' || status === 204 || status === 304;
  if (typeof body === 'string' || body instanceof Uint8Array) {
    return new Response(empty ? null : (body as string | Uint8Array<ArrayBuffer>), { status, headers });
  }
  const stream = toWebStream(body, signal);
  if (empty) void stream.cancel();
  return new Response(empty ? null : stream, { status, headers });
}

/** Pulls only when the reader does, so that a slow reader holds the provider back. */
function toWebStream(body: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const result = await iterator.next();
        if (signal?.aborted) controller.error(signal.reason);
        else if (result.done) controller.close();
        else controller.enqueue(result.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
