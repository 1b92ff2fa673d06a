import type { GatewayRequest } from '../../http/exchange.js';
import { parseJson } from '../../json/body.js';
import { checkShape } from '../../json/shape.js';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * The JSON of a write, also when the host's body parser was there first.
 *
 * @param maxBytes of the body, where nobody has read it yet. @default 64 KiB
 * @throws {GatewayError} `invalid_json`, `json_too_deep`, `json_too_complex` or `request_too_large`.
 */
export async function readBody(request: GatewayRequest, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  const { parsedBody } = request;
  if (typeof parsedBody === 'string') return parseJson(new TextEncoder().encode(parsedBody)).value;
  if (parsedBody instanceof Uint8Array) return parseJson(parsedBody).value;
  if (parsedBody === undefined) return parseJson(await request.body(maxBytes)).value;
  checkShape(parsedBody);
  return parsedBody;
}
