import { type GatewayRequest, headerValue } from './exchange.js';

/**
 * True for a request that another site's page made a browser send: browsers say so by `Sec-Fetch-Site` (Fetch Metadata)
 * and `Origin` (RFC 6454), and no page can set either. A request without both headers is not reported as another
 * site's; callers that must be sure also ask `saysItsSite`.
 *
 * @param allowedOrigins other sites that may: `https://app.example.com`.
 */
export function isFromOtherSite(request: GatewayRequest, allowedOrigins: readonly string[]): boolean {
  const { headers } = request;
  const origin = headerValue(headers, 'origin');
  const trusted = origin !== undefined && allowedOrigins.includes(origin);
  if (trusted) return false;
  const site = headerValue(headers, 'sec-fetch-site');
  // `none`: the user typed the address or opened a bookmark; such a request never has an origin.
  const isOwnSite = site === undefined || site === 'same-origin' || (site === 'none' && origin === undefined);
  return !isOwnSite || (origin !== undefined && !isOwnOrigin(origin, request));
}

/** True if the browser itself says that its page has the request's origin, whatever a proxy made of `Host`. */
export function isSaidSameOrigin({ headers }: GatewayRequest): boolean {
  return headerValue(headers, 'sec-fetch-site') === 'same-origin';
}

/** True when a browser says where the request comes from. */
export function saysItsSite({ headers }: GatewayRequest): boolean {
  return headerValue(headers, 'origin') !== undefined || headerValue(headers, 'sec-fetch-site') !== undefined;
}

/**
 * A proxy may replace `Host`; it then names the browser's in `X-Forwarded-Host`, which no page can set cross-site. A web
 * `Request` may have no `Host`: its URL names it.
 */
function isOwnOrigin(origin: string, request: GatewayRequest): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host } = new URL(origin);
  return host !== '' && ownHosts(request).some((own) => normalizeHost(protocol, own) === host);
}

/** In lower case and without the default port, which proxies like to name and browsers leave out. */
function normalizeHost(protocol: string, host: string): string | undefined {
  const url = `${protocol}//${host}`;
  if (/[/\\?#@\s]/.test(host) || !URL.canParse(url)) return undefined;
  return new URL(url).host;
}

/** The hosts that a request's own origin may have. */
export function ownHosts({ headers, raw }: GatewayRequest): string[] {
  const forwarded = headerValue(headers, 'x-forwarded-host')?.split(',')[0]?.trim();
  const own = [headerValue(headers, 'host'), headerValue(headers, ':authority'), forwarded];
  if (raw instanceof Request) own.push(new URL(raw.url).host);
  return [...new Set(own.filter((host) => host !== undefined))];
}
