import { aText, checkGiven } from '../lib/option-checks.js';
import type { ExchangeHandler } from './exchange.js';
import { checkHandler } from './exchange-handler.js';
import { lastSegments, pathBelow, pathOfUrl } from './paths.js';
import { fromWebRequest, toWebResponse } from './web.js';

/** The second argument of a route handler: a promise of the path's parameters in Next.js 15 and 16. */
export interface NextRouteContext {
  readonly params: Promise<Record<string, string | string[] | undefined>>;
}

/** A route handler of the Next.js App Router. */
export type NextHandler = (request: Request, context: NextRouteContext) => Promise<Response>;

/** Route handlers by method. */
export type NextHandlers = Readonly<
  Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS', NextHandler>
>;

/** Options of `toNextHandlers`. */
export interface NextHandlersOptions {
  /** The mount, for routes without a catch-all parameter: `/api`. */
  readonly basePath?: string;
}

/**
 * Makes Next.js route handlers (versions 15 and 16) of a gateway or a dashboard, for a catch-all route: what the
 * catch-all parameter holds is the path after the mount.
 *
 * @example
 * // app/v1/[...path]/route.ts
 * export const { GET, POST } = toNextHandlers(gateway)
 * @throws {TypeError} when there is nothing to serve, and for unknown options.
 */
export function toNextHandlers(handler: ExchangeHandler, options: NextHandlersOptions = {}): NextHandlers {
  checkHandler('toNextHandlers', handler);
  checkGiven('toNextHandlers', options, { basePath: aText });
  const { basePath } = options;
  const answer: NextHandler = async (request, context) => {
    const originalPath = pathOfUrl(request.url);
    const path =
      basePath === undefined
        ? lastSegments(originalPath, await countCaught(context))
        : pathBelow(originalPath, basePath);
    return toWebResponse(await handler.handle(fromWebRequest(request, path)), request.method);
  };
  return { GET: answer, POST: answer, PUT: answer, PATCH: answer, DELETE: answer, HEAD: answer, OPTIONS: answer };
}

/**
 * Segments that the catch-all parameter took. Their text is decoded, so only their number is used; an optional
 * catch-all (`[[...path]]`) at its own root has none.
 */
async function countCaught({ params }: NextRouteContext): Promise<number> {
  return Object.values(await params).find((value) => Array.isArray(value))?.length ?? 0;
}
