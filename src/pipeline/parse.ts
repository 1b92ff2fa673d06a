import { GatewayError } from '../errors.js';
import { type GatewayRequest, headerValue } from '../exchange.js';
import { checkDepth, isUnambiguous, parseJson } from '../openai/json-body.js';
import type { Runtime } from './runtime.js';

/** A request body as a value, with what is known of its bytes. */
export interface ParsedBody {
  readonly value: unknown;
  /** Length of the body as UTF-8 JSON. */
  readonly size: number;
  /** The client's own bytes, where every parser reads the same out of them. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Stage 2 of 9 · body bytes -> value; the route's own guards then make an operation of it.
 *
 * @throws {GatewayError} `unsupported_media_type`, `request_too_large`, `invalid_json` or `json_too_deep`.
 */
export async function parse(request: GatewayRequest, gateway: Runtime): Promise<ParsedBody> {
  checkMediaType(request);
  const { parsedBody } = request;
  if (parsedBody === undefined) return parseBytes(await request.body(gateway.settings.maxBodyBytes));
  if (typeof parsedBody === 'string') return parseBytes(new TextEncoder().encode(parsedBody));
  if (parsedBody instanceof Uint8Array) return parseBytes(parsedBody);
  checkDepth(parsedBody);
  const text = JSON.stringify(parsedBody);
  // What the host parsed is shared with the host: translators must not see its prototype or later changes.
  return { value: JSON.parse(text), size: Buffer.byteLength(text), bytes: undefined };
}

function parseBytes(bytes: Uint8Array): ParsedBody {
  const { value, text } = parseJson(bytes);
  return { value, size: bytes.byteLength, bytes: isUnambiguous(text) ? bytes : undefined };
}

function checkMediaType({ headers }: GatewayRequest): void {
  const type = headerValue(headers, 'content-type');
  if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new GatewayError('unsupported_media_type');
  }
  const encoding = headerValue(headers, 'content-encoding');
  if (encoding !== undefined && encoding !== 'identity') {
    throw new GatewayError('unsupported_media_type', { message: 'Compressed bodies are not supported.' });
  }
}
