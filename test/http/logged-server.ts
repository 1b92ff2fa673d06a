import { statSync } from 'node:fs';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { toExpressHandler } from '../../src/http/express.js';
import { toNodeHandler } from '../../src/http/node.js';
import { createGateway } from '../../src/index.js';
import { prometheus } from '../../src/telemetry/prometheus.js';
import { processLogger } from '../helpers/process-logger.js';
import { providersAt } from '../helpers/providers-at.js';

/**
 * Started as a process of its own with the origin of its providers and the path of V8's log: a gateway with an allowance,
 * a request log and metrics, on `node:http` and on Express, that says how long V8's log is when it is asked.
 */
const [, , origin = '', log = ''] = process.argv;
const price = { input: 1, output: 2 };
const gateway = createGateway({
  providers: providersAt(origin),
  models: {
    gpt: { provider: 'openai', model: 'gpt', price },
    claude: { provider: 'anthropic', price },
    gemini: { provider: 'google', price },
  },
  plans: {
    prepaid: {
      models: '*',
      billing: 'prepaid',
      allowance: [{ amount: '1000', per: 'month' }],
      limits: { requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000, concurrentRequests: 100 },
    },
  },
  defaultPlan: 'prepaid',
  requestLog: { keep: '1d' },
  metrics: prometheus(),
  logger: processLogger,
});
await gateway.credits.topUp({ accountId: 'user_1', amount: '1000000', idempotencyKey: 'start' });
const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });

/** Express in a server of its classes, as docs/frameworks.md shows it. */
function expressServer(): Server {
  const app = express();
  app.use('/v1', toExpressHandler(gateway));
  class Request extends IncomingMessage {}
  class Response extends ServerResponse {}
  const { request, response } = app as unknown as { request: object; response: object };
  Object.assign(app, {
    request: Object.setPrototypeOf(Request.prototype, request),
    response: Object.setPrototypeOf(Response.prototype, response),
  });
  return createServer({ IncomingMessage: Request, ServerResponse: Response }, app);
}

function portOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

const port = await portOf(createServer(toNodeHandler(gateway)));
process.send?.({ port, expressPort: await portOf(expressServer()), key });
process.on('message', () => process.send?.({ length: statSync(log).size }));
