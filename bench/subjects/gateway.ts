import { createServer, type RequestListener, type Server } from 'node:http';
import { toNodeHandler } from '../../src/http/node.js';
import { anthropic, createGateway, type Gateway, google, memoryStore, openai, type Store } from '../../src/index.js';
import { type SubjectOptions, serveSubject } from './subject.js';

/**
 * This gateway with everything on: key check, three limits, prepaid balance, usage. `variant`: the framework. Other
 * frameworks and databases than the one that is measured are not loaded: every full collection would go through them.
 */
serveSubject(async (options) => {
  const base = options.upstream + options.path;
  const gateway = createGateway({
    providers: {
      openai: openai({ apiKey: 'sk-bench', baseURL: `${base}/v1` }),
      anthropic: anthropic({ apiKey: 'sk-bench', baseURL: base }),
      google: google({ apiKey: 'sk-bench', baseURL: base }),
    },
    models: {
      'bench-openai': { provider: 'openai', model: 'bench-openai', price: { input: 0.15, output: 0.6 } },
      'bench-anthropic': { provider: 'anthropic', price: { input: 3, output: 15 } },
      'bench-google': { provider: 'google', price: { input: 0.3, output: 2.5 } },
    },
    plans: {
      pro: {
        models: '*',
        billing: 'prepaid',
        limits: { requestsPerMinute: 1e9, tokensPerMinute: 2e9, concurrentRequests: 1e6 },
      },
    },
    store: await storeOf(options),
  });
  await gateway.credits.topUp({ accountId: 'bench', amount: '1000000', idempotencyKey: `bench-${process.pid}` });
  const { key } = await gateway.keys.create({ accountId: 'bench', name: 'bench' });
  return { server: await mounted(gateway, options.variant), headers: { authorization: `Bearer ${key}` } };
});

async function storeOf({ store, postgres }: SubjectOptions): Promise<Store> {
  if (store === 'postgres') {
    const { default: pg } = await import('pg');
    const { postgresStore } = await import('../../src/stores/postgres/index.js');
    return postgresStore(new pg.Pool({ ...postgres, max: 16 }));
  }
  if (store === 'sqlite') {
    const { default: Database } = await import('libsql');
    const { sqliteStore } = await import('../../src/stores/sqlite/index.js');
    return sqliteStore(new Database(`bench-${process.pid}.db`));
  }
  return memoryStore();
}

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
