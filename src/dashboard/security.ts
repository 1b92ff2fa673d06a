import { type GatewayRequest, headerValue } from '../http/exchange.js';
import { isFromOtherSite, isSaidSameOrigin, ownHosts } from '../http/same-site.js';
import { GatewayError } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';

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
 * The error and the log name what was compared, which the operator of a proxy has to know.
 *
 * @throws {GatewayError} `forbidden` for a write from another site, `unsupported_media_type` for anything but JSON.
 */
export function checkWrite(
  request: GatewayRequest,
  { allowedOrigins, logger }: { readonly allowedOrigins: readonly string[]; readonly logger: Logger },
): void {
  const { headers } = request;
  if (!isSaidSameOrigin(request) && isFromOtherSite(request, allowedOrigins)) {
    const compared = comparedHosts(request);
    logger.warn({ ...compared, path: request.path.split('?')[0] }, 'a write from another site was refused');
    throw crossSite(compared);
  }
  const type = headerValue(headers, 'content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new GatewayError('unsupported_media_type');
}

/** The account that a page of ours was loaded for, as it says with each request; URL-encoded. */
const PAGE_ACCOUNT = 'x-dashboard-account';
/** The same in the query of a file, which the browser asks for by itself. */
const FILE_ACCOUNT = 'pageAccount';

/**
 * Whether a request comes from a page that another account was signed in to when it was loaded: in another tab somebody has
 * signed in since. It must neither show that account's data under this one's name nor write to it.
 */
export function isFromOtherAccount({ headers }: GatewayRequest, accountId: string): boolean {
  const named = headerValue(headers, PAGE_ACCOUNT);
  return named !== undefined && named !== encodeURIComponent(accountId);
}

/** The same for a file, whose account is taken out of the query. */
export function isFileOfOtherAccount(query: URLSearchParams, accountId: string): boolean {
  const named = query.get(FILE_ACCOUNT);
  query.delete(FILE_ACCOUNT);
  return named !== null && named !== accountId;
}

interface Compared {
  readonly origin: string;
  readonly site: string;
  readonly hosts: readonly string[];
}

function comparedHosts(request: GatewayRequest): Compared {
  const shown = (name: string) => (headerValue(request.headers, name) ?? 'none').slice(0, 200);
  return { origin: shown('origin'), site: shown('sec-fetch-site'), hosts: ownHosts(request) };
}

function crossSite({ origin, site, hosts }: Compared): GatewayError {
  const own = hosts.length > 0 ? hosts.join(', ').slice(0, 200) : 'unknown';
  return new GatewayError('forbidden', {
    message:
      `The request comes from another site: its origin is ${origin} (Sec-Fetch-Site: ${site}), this host is ${own}. ` +
      'Behind a proxy that replaces Host, send X-Forwarded-Host or set allowedOrigins.',
  });
}
