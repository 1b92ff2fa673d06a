import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExchangeHandler } from './exchange.js';
import { checkHandler } from './exchange-handler.js';
import { serve } from './node-answer.js';
import { NodeRequest } from './node-request.js';

/** What Express adds to a Node request. */
interface ExpressRequest extends IncomingMessage {
  /** The URL before mounts were cut off. */
  readonly originalUrl?: string;
}

/**
 * Makes an Express handler (versions 4 and 5) of a gateway or a dashboard; `next` is called only with errors that
 * can't be answered to the client.
 *
 * A body that `express.json()` has read already is taken from `req.body`. Mount the gateway before it anyway: behind
 * it, its size limit of 100 kB applies.
 *
 * @example app.use('/v1', toExpressHandler(gateway))
 * @throws {TypeError} when there is nothing to serve.
 */
export function toExpressHandler(
  handler: ExchangeHandler,
): (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void {
  checkHandler('toExpressHandler', handler);
  return (req: ExpressRequest, res, next) => {
    // Express cuts the mount off `req.url`.
    const path = req.url ?? '/';
    const request = new NodeRequest(req, res, { path, originalPath: req.originalUrl ?? path });
    serve(handler, request, req, res, next);
  };
}
