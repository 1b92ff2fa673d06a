import type { AddressInfo } from 'node:net';
import express from 'express';
import { createGateway } from 'metask-gateway';
import { toExpressHandler } from 'metask-gateway/express';
import { rhymingModel } from './rhyming-model.js';

const gateway = createGateway({
  providers: { rhymes: rhymingModel() },
  models: { 'rhymes-1': { provider: 'rhymes', price: { input: 0, output: 1 } } },
  plans: { free: { models: '*' } },
});
const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });

const app = express();
app.use('/v1', toExpressHandler(gateway));

const server = app.listen(Number(process.env['PORT'] ?? 3000), () => {
  const { port } = server.address() as AddressInfo;
  console.log(`baseURL: http://localhost:${port}/v1\napiKey: ${key}`);
});
