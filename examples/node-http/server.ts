import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, openai } from 'metask-gateway';
import { toNodeHandler } from 'metask-gateway/node';
import { fakeUpstream } from 'metask-gateway/testing';

// A stand-in for OpenAI, so that this runs without any API key.
const upstream = await fakeUpstream();

const gateway = createGateway({
  providers: { openai: openai(upstream.openai) },
  models: { 'gpt-4o-mini': { provider: 'openai', price: { input: 0.15, output: 0.6 } } },
  plans: { free: { models: '*', limits: { requestsPerMinute: 20 } } },
});
const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });

const server = createServer(toNodeHandler(gateway));
server.listen(Number(process.env['PORT'] ?? 3000), () => {
  const { port } = server.address() as AddressInfo;
  console.log(`baseURL: http://localhost:${port}/v1\napiKey: ${key}`);
});

// Open streams get ten seconds; whatever they used is charged before the process ends.
process.once('SIGTERM', async () => {
  await gateway.close({ deadlineMs: 10_000 });
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
