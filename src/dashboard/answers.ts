import type { GatewayResponse } from '../http/exchange.js';
import { errorBody, type GatewayError } from '../lib/errors.js';
import type { FileAnswer, StreamAnswer } from './api/route.js';
import { SECURITY_HEADERS } from './security.js';

/** A JSON answer; never cached, since it may hold a new key. Dates become ISO texts. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): GatewayResponse {
  return answer(status, 'application/json; charset=utf-8', JSON.stringify(value), {
    'cache-control': 'no-store',
    ...headers,
  });
}

/** An error as JSON, in the shape that the gateway itself answers. */
export function failure(error: GatewayError): GatewayResponse {
  return json(error.status, errorBody(error), error.headers);
}

/** A file to save. */
export function download(file: FileAnswer): GatewayResponse {
  const { content } = file;
  return answer(200, file.contentType, typeof content === 'string' ? content : encoded(content), {
    'cache-control': 'no-store',
    'content-disposition': `attachment; filename="${file.fileName}"`,
  });
}

/** An answer of the gateway as it comes, without its headers for other sites. */
export function stream({ answer: { status, headers, body } }: StreamAnswer): GatewayResponse {
  const kept = ['content-type', 'x-request-id', 'retry-after', 'x-gateway-cost']
    .map((name) => [name, headers[name]] as const)
    .filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { status, headers: { ...SECURITY_HEADERS, 'cache-control': 'no-store', ...Object.fromEntries(kept) }, body };
}

/** A page; never cached, since it names the hashed files of one version. */
export function html(status: number, content: string): GatewayResponse {
  return answer(status, 'text/html; charset=utf-8', content, { 'cache-control': 'no-store' });
}

/** A script or style, whose name changes with its content. Not compressed here: some hosts lose the header that says so. */
export function asset(contentType: string, content: string): GatewayResponse {
  return answer(200, contentType, content, { 'cache-control': 'public, max-age=31536000, immutable' });
}

/** Sends a browser elsewhere. */
export function redirect(location: string): GatewayResponse {
  return answer(302, 'text/plain; charset=utf-8', '', { location, 'cache-control': 'no-store' });
}

async function* encoded(parts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const part of parts) yield encoder.encode(part);
}

function answer(
  status: number,
  contentType: string,
  body: GatewayResponse['body'],
  headers: Record<string, string>,
): GatewayResponse {
  return { status, headers: { ...SECURITY_HEADERS, 'content-type': contentType, ...headers }, body };
}
