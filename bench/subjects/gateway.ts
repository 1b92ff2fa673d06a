import { createServer } from 'node:http';
import express from 'express';
import { toExpressHandler } from '../../src/adapters/express.js';
import { toNodeHandler } from '../../src/adapters/node.js';
import { anthropic, createGateway, google, openai } from '../../src/index.js';
import { serveSubject } from './subject.js';

/** This gateway with everything on: key check, three limits, prepaid balance, usage. `variant`: the framework. */
serveSubject(async ({ upstream, path, variant }) => {
  const base = upstream + path;
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
        limits: { requestsPerMinute: 1e9, tokensPerMinute: 1e12, concurrentRequests: 1e6 },
      },
    },
  });
  await gateway.credits.topUp({ accountId: 'bench', amount: '1000000', idempotencyKey: 'bench' });
  const { key } = await gateway.keys.create({ accountId: 'bench', name: 'bench' });
  if (variant === 'express') {
    const app = express();
    app.use('/v1', toExpressHandler(gateway));
    return { server: createServer(app), key };
  }
  return { server: createServer(toNodeHandler(gateway)), key };
});
