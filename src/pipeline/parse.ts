import { announcedLength, type GatewayRequest, headerValue } from '../http/exchange.js';

import { ParsedBody } from '../json/parsed-body.js';
import { checkShape } from '../json/shape.js';
import { GatewayError } from '../lib/errors.js';
import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import type { RoutedRequest } from './route.js';

const encoder = new TextEncoder();

/**
 * Stage 3 of 9 · request -> body; the route's own guards then read it and make an operation of it.
 *
 * @throws {GatewayError} `unsupported_media_type`, `request_too_large`, `rate_limit_exceeded` or `service_unavailable` where
 * too many bodies are in memory, or `json_too_deep` and `json_too_complex` for what the host has parsed.
 */
export function readJson(asked: BodyReader): MaybePromise<ParsedBody> {
  const { request } = asked;
  checkMediaType(request);
  const { parsedBody } = request;
  if (parsedBody === undefined) return readBytes(asked);
  if (typeof parsedBody === 'string') return ParsedBody.ofBytes(encoder.encode(parsedBody));
  if (parsedBody instanceof Uint8Array) return ParsedBody.ofBytes(parsedBody);
  checkShape(parsedBody);
  const text = JSON.stringify(parsedBody);
  // What the host parsed is shared with the host: translators must not see its prototype or later changes.
  return ParsedBody.ofValue(JSON.parse(text), Buffer.byteLength(text));
}

/** What reading a body takes of a routed request. */
type BodyReader = Pick<RoutedRequest, 'request' | 'runtime' | 'holdBytes'>;

/** The announced length is counted before the first byte arrives, so that a body that was let in is read to its end. */
function readBytes(asked: BodyReader): MaybePromise<ParsedBody> {
  const { request, runtime } = asked;
  const maxBytes = runtime.settings.maxBodyBytes;
  let held = 0;
  const makeRoom = (bytes: number) => {
    asked.holdBytes?.(bytes);
    held += bytes;
  };
  const announced = announcedLength(request.headers) ?? 0;
  if (announced > 0 && announced <= maxBytes) makeRoom(announced);
  return andThen(request.body(maxBytes, makeRoom), (bytes) => {
    if (bytes.byteLength > held) makeRoom(bytes.byteLength - held);
    return ParsedBody.read(bytes, request.ownsBody);
  });
}

function checkMediaType({ headers, parsedBody }: GatewayRequest): void {
  const type = headerValue(headers, 'content-type');
  if (type !== undefined && type !== 'application/json' && !JSON_TYPE.test(type)) {
    throw new GatewayError('unsupported_media_type');
  }
  const encoding = headerValue(headers, 'content-encoding');
  // a body that the host has read is inflated already
  if (parsedBody === undefined && encoding !== undefined && encoding !== 'identity') {
    throw new GatewayError('unsupported_media_type', {
      message: `Bodies in '${encoding}' are not supported: send it without content-encoding.`,
    });
  }
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
