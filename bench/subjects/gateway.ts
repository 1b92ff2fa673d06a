import { createServer, type RequestListener, type Server } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import Database from 'libsql';
import pg from 'pg';
import { toExpressHandler } from '../../src/adapters/express.js';
import { gatewayPlugin } from '../../src/adapters/fastify.js';
import { toNodeHandler } from '../../src/adapters/node.js';
import { anthropic, createGateway, type Gateway, google, memoryStore, openai } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { type SubjectOptions, serveSubject } from './subject.js';

/** This gateway with everything on: key check, three limits, prepaid balance, usage. `variant`: the framework. */
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
    store: storeOf(options),
  });
  await gateway.credits.topUp({ accountId: 'bench', amount: '1000000', idempotencyKey: `bench-${process.pid}` });
  const { key } = await gateway.keys.create({ accountId: 'bench', name: 'bench' });
  return { server: await mounted(gateway, options.variant), headers: { authorization: `Bearer ${key}` } };
});

function storeOf({ store, postgres }: SubjectOptions) {
  if (store === 'postgres') return postgresStore(new pg.Pool({ ...postgres, max: 16 }));
  if (store === 'sqlite') return sqliteStore(new Database(`bench-${process.pid}.db`));
  return memoryStore();
}

async function mounted(gateway: Gateway, framework: string): Promise<Server> {
  if (framework === 'express') {
    const app = express();
    app.use('/v1', toExpressHandler(gateway));
    return createServer(app);
  }
  if (framework === 'fastify') {
    let server: Server | undefined;
    const app = fastify({
      serverFactory: (listener: RequestListener) => (server = createServer(listener)),
    });
    app.register(gatewayPlugin, { gateway, prefix: '/v1' });
    await app.ready();
    return server as Server;
  }
  return createServer(toNodeHandler(gateway));
}
