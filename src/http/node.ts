import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorBody, GatewayError } from '../lib/errors.js';
import { aString, checkGiven } from '../lib/option-checks.js';
import type { ExchangeHandler } from './exchange.js';
import { checkHandler } from './exchange-handler.js';
import { serve } from './node-answer.js';
import { NodeRequest } from './node-request.js';
import { pathBelow } from './paths.js';

export { fileOutbox } from '../meter/file-outbox.js';
export { type SignedWebhookOptions, signedWebhook } from '../meter/signed-webhook.js';

/** Options of `toNodeHandler`. */
export interface NodeHandlerOptions {
  /** Where a dashboard is mounted: `/admin`. A gateway finds its routes without it. */
  readonly basePath?: string;
}

/**
 * Makes a `node:http` request listener of a gateway or a dashboard.
 *
 * @example createServer(toNodeHandler(gateway)).listen(3000)
 * @throws {TypeError} when there is nothing to serve, and for unknown options.
 */
export function toNodeHandler(
  handler: ExchangeHandler,
  options: NodeHandlerOptions = {},
): (req: IncomingMessage, res: ServerResponse) => void {
  checkHandler('toNodeHandler', handler);
  checkGiven('toNodeHandler', options, { basePath: aString });
  const { basePath = '' } = options;
  return (req, res) => {
    const originalPath = req.url ?? '/';
    const request = new NodeRequest(req, res, { path: pathBelow(originalPath, basePath), originalPath });
    serve(handler, request, req, res, () => {
      res.writeHead(500, { 'content-type': 'application/json' });
      res.end(JSON.stringify(errorBody(new GatewayError('internal_error'))));
    });
  };
}
