import { type GatewayRequest, headerValue } from '../http/exchange.js';
import { checkDepth } from '../json/body.js';
import { ParsedBody } from '../json/parsed-body.js';
import { GatewayError } from '../lib/errors.js';
import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import type { Runtime } from './runtime.js';

const encoder = new TextEncoder();

/**
 * Stage 2 of 9 · request -> body; the route's own guards then read it and make an operation of it.
 *
 * @throws {GatewayError} `unsupported_media_type`, `request_too_large`, or `json_too_deep` for what the host has parsed.
 */
export function readJson(request: GatewayRequest, runtime: Runtime): MaybePromise<ParsedBody> {
  checkMediaType(request);
  const { parsedBody } = request;
  if (parsedBody === undefined) return andThen(request.body(runtime.settings.maxBodyBytes), ParsedBody.ofBytes);
  if (typeof parsedBody === 'string') return ParsedBody.ofBytes(encoder.encode(parsedBody));
  if (parsedBody instanceof Uint8Array) return ParsedBody.ofBytes(parsedBody);
  checkDepth(parsedBody);
  const text = JSON.stringify(parsedBody);
  // What the host parsed is shared with the host: translators must not see its prototype or later changes.
  return ParsedBody.ofValue(JSON.parse(text), Buffer.byteLength(text));
}

function checkMediaType({ headers, parsedBody }: GatewayRequest): void {
  const type = headerValue(headers, 'content-type');
  if (type !== undefined && type !== 'application/json' && !JSON_TYPE.test(type)) {
    throw new GatewayError('unsupported_media_type');
  }
  const encoding = headerValue(headers, 'content-encoding');
  // what the host has read it has inflated, too
  if (parsedBody === undefined && encoding !== undefined && encoding !== 'identity') {
    throw new GatewayError('unsupported_media_type', { message: 'Compressed bodies are not supported.' });
  }
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
