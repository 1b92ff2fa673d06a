import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExchangeHandler } from '../exchange.js';
import { serve } from './node.js';

/** What Express adds to a Node request. */
interface ExpressRequest extends IncomingMessage {
  readonly body?: unknown;
  /** The URL before mounts were cut off. */
  readonly originalUrl?: string;
}

/**
 * Makes an Express handler (versions 4 and 5) of a gateway or a dashboard.
 *
 * A body that `express.json()` has read already is taken from `req.body`; mount the gateway before it, so that its size
 * limit does not apply.
 *
 * @example app.use('/v1', toExpressHandler(gateway))
 */
export function toExpressHandler(
  handler: ExchangeHandler,
): (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void {
  return (req: ExpressRequest, res, next) => {
    // `req.url` is what follows the mount; Express 4 sets `body` to `{}` on requests that it did not parse.
    const parsedBody = req.readableEnded || (req.complete && req.body !== undefined) ? req.body : undefined;
    serve(handler, req, res, {
      path: req.url ?? '/',
      ...(req.originalUrl !== undefined && { originalPath: req.originalUrl }),
      ...(parsedBody !== undefined && { parsedBody }),
    }).catch(next);
  };
}
