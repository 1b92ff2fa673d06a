import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createGateway, openai } from 'metask-gateway';
import { fakeUpstream } from 'metask-gateway/testing';

// A stand-in for OpenAI, so that this runs without any API key.
const upstream = await fakeUpstream();

const gateway = createGateway({
  providers: { openai: openai(upstream.openai) },
  models: { 'gpt-4o-mini': { provider: 'openai', price: { input: 0.15, output: 0.6 } } },
  plans: { free: { models: '*', limits: { requestsPerMinute: 20 } } },
});
const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });

const app = new Hono();
app.all('/v1/*', (c) => gateway.fetch(c.req.raw));
app.get('/', (c) => c.text('The rest of the app.'));

// On Bun and Deno: export default app.
serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000) }, ({ port }) => {
  console.log(`baseURL: http://localhost:${port}/v1\napiKey: ${key}`);
});
