import { type GatewayRequest, headerValue } from '../http/exchange.js';
import { isFromOtherSite } from '../http/same-site.js';
import { GatewayError } from '../lib/errors.js';

/**
 * Headers of every answer: nothing but the dashboard's own script, style and API may load, nobody may frame it, and
 * no address leaks to the sites it links to.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/**
 * Refuses a write that another site's page sent (CSRF): browsers tell by `Sec-Fetch-Site` (Fetch Metadata) and by
 * `Origin` (RFC 6454); a page of another site can set neither, nor send JSON without a preflight that is never granted.
 *
 * @throws {GatewayError} `forbidden` for a write from another site, `unsupported_media_type` for anything but JSON.
 */
export function checkWrite(request: GatewayRequest, allowedOrigins: readonly string[]): void {
  const { headers } = request;
  if (isFromOtherSite(request, allowedOrigins)) throw crossSite();
  const type = headerValue(headers, 'content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new GatewayError('unsupported_media_type');
}

function crossSite(): GatewayError {
  return new GatewayError('forbidden', { message: 'The request comes from another site.' });
}
