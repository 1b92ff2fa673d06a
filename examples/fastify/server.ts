import fastify from 'fastify';
import { createGateway, openai } from 'metask-gateway';
import { gatewayPlugin } from 'metask-gateway/fastify';
import { fakeUpstream } from 'metask-gateway/testing';

// While it closes, requests get the gateway's own 503 instead of one in Fastify's form.
const app = fastify({ logger: { level: 'warn' }, return503OnClosing: false });

// A stand-in for OpenAI, so that this runs without any API key.
const upstream = await fakeUpstream();

const gateway = createGateway({
  providers: { openai: openai(upstream.openai) },
  models: { 'gpt-4o-mini': { provider: 'openai', price: { input: 0.15, output: 0.6 } } },
  logger: app.log,
  plans: { free: { models: '*', limits: { requestsPerMinute: 20 } } },
});
const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });

await app.register(gatewayPlugin, { gateway, prefix: '/v1', closeGateway: true });
app.get('/', () => 'The rest of the app.');

const address = await app.listen({ port: Number(process.env['PORT'] ?? 3000) });
console.log(`baseURL: ${address}/v1\napiKey: ${key}`);
