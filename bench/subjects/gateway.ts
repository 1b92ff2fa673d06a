import { createServer, type RequestListener, type Server } from 'node:http';
import { toNodeHandler } from '../../src/http/node.js';
import type { Gateway } from '../../src/index.js';
import { benchGateway } from './bench-gateway.js';
import { serveSubject } from './subject.js';

/** This gateway behind a server. `variant`: the framework; others than the one that is measured are not loaded. */
serveSubject(async (options) => {
  const { gateway, keys } = await benchGateway(options);
  return { server: await mounted(gateway, options.variant), headers: { authorization: `Bearer ${keys[0]}` } };
});

async function mounted(gateway: Gateway, framework: string): Promise<Server> {
  if (framework === 'express') return onExpress(gateway);
  if (framework === 'fastify') return onFastify(gateway);
  return createServer(toNodeHandler(gateway));
}

async function onExpress(gateway: Gateway): Promise<Server> {
  const { default: express } = await import('express');
  const { toExpressHandler } = await import('../../src/http/express.js');
  const app = express();
  app.use('/v1', toExpressHandler(gateway));
  return createServer(app);
}

async function onFastify(gateway: Gateway): Promise<Server> {
  const { default: fastify } = await import('fastify');
  const { gatewayPlugin } = await import('../../src/http/fastify.js');
  let server: Server | undefined;
  const app = fastify({
    serverFactory: (listener: RequestListener) => (server = createServer(listener)),
  });
  app.register(gatewayPlugin, { gateway, prefix: '/v1' });
  await app.ready();
  return server as Server;
}
