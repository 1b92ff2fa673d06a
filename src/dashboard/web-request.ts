import type { GatewayRequest } from '../exchange.js';
import { fromWebRequest } from '../web-exchange.js';
import { matchRoutes } from './api/route.js';
import { ROUTES } from './api/routes.js';
import { script, styles } from './page-assets.js';

/** Reads a web `Request`, which names its host in the URL and knows nothing of a mount. */
export function readWebRequest(request: Request): GatewayRequest {
  const url = new URL(request.url);
  const exchange = fromWebRequest(request, pathAfterMount(url));
  return { ...exchange, headers: { host: url.host, ...exchange.headers } };
}

/**
 * The path below the mount, with its query, when nobody tells where the mount ends: what comes last and names a route
 * or a file counts. Anything else is the mount itself.
 */
function pathAfterMount({ pathname, search }: URL): string {
  const segments = pathname.split('/');
  const file = segments.at(-1);
  if (file === script.name || file === styles.name) return `/${file}`;
  for (let start = segments.lastIndexOf('api'); start >= 0; start = segments.lastIndexOf('api', start - 1)) {
    const path = segments.slice(start).join('/');
    if (matchRoutes(ROUTES, path).length > 0) return `/${path}${search}`;
    if (start === 0) break;
  }
  return `/${search}`;
}
