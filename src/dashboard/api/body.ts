import { GatewayError } from '../../errors.js';
import type { GatewayRequest } from '../../exchange.js';

/** The largest body of a write, in bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * The JSON of a write, also when the host's body parser was there first.
 *
 * @throws {GatewayError} `invalid_json` or `request_too_large`.
 */
export async function readBody(request: GatewayRequest): Promise<unknown> {
  const parsed = request.parsedBody;
  if (parsed !== undefined && typeof parsed !== 'string' && !(parsed instanceof Uint8Array)) return parsed;
  const body = parsed ?? (await request.body(MAX_BODY_BYTES));
  if (body.length > MAX_BODY_BYTES) throw new GatewayError('request_too_large');
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError('invalid_json');
  }
}
