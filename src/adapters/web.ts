import type { ExchangeHandler } from '../exchange.js';
import { pathBelow, pathOfUrl } from '../mount-path.js';
import { fromWebRequest, toWebResponse } from '../web-exchange.js';

/**
 * Makes a fetch-style handler of a dashboard for Hono, Bun, Deno and others; a gateway has its own, `gateway.fetch`.
 *
 * @param options.basePath the mount, which is cut off: `/admin`. Leave it out where the framework cuts it off itself.
 * @example app.all('/admin/*', (c) => toFetchHandler(dashboard, { basePath: '/admin' })(c.req.raw))
 */
export function toFetchHandler(
  handler: ExchangeHandler,
  { basePath = '' }: { readonly basePath?: string } = {},
): (request: Request) => Promise<Response> {
  return async (request) => {
    const path = pathBelow(pathOfUrl(request.url), basePath);
    return toWebResponse(await handler.handle(fromWebRequest(request, path)), request.method);
  };
}
