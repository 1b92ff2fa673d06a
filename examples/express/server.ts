import type { AddressInfo } from 'node:net';
import express from 'express';
import { createGateway, openai } from 'metask-gateway';
import { toExpressHandler } from 'metask-gateway/express';
import { fakeUpstream } from 'metask-gateway/testing';

// A stand-in for OpenAI, so that this runs without any API key.
const upstream = await fakeUpstream();

const gateway = createGateway({
  providers: { openai: openai(upstream.openai) },
  models: { 'gpt-4o-mini': { provider: 'openai', price: { input: 0.15, output: 0.6 } } },
  plans: { free: { models: '*', limits: { requestsPerMinute: 20 } } },
});
const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });

const app = express();
app.use('/v1', toExpressHandler(gateway)); // Before body parsers, so that their size limits do not apply.
app.use(express.json());
app.get('/', (_req, res) => {
  res.send('The rest of the app.');
});

const server = app.listen(Number(process.env['PORT'] ?? 3000), () => {
  const { port } = server.address() as AddressInfo;
  console.log(`baseURL: http://localhost:${port}/v1\napiKey: ${key}`);
});
