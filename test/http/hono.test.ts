import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { gatewayBehind } from '../helpers/gateway-behind.js';
import { listen } from '../helpers/listen.js';
import { adapterTests } from './shared.js';

adapterTests({
  name: 'Hono',
  mounts: ['/v1', '/ai', '/ai/v1', '/mounted'],
  seesRepeatedHeaders: true,
  async start() {
    const behind = await gatewayBehind();
    const app = new Hono();
    app.all('/v1/*', (c) => behind.gateway.fetch(c.req.raw));
    app.all('/ai/*', (c) => behind.gateway.fetch(c.req.raw));
    app.mount('/mounted', behind.gateway.fetch);
    const { origin, close } = await listen(getRequestListener(app.fetch));
    return {
      ...behind,
      origin,
      async close() {
        await close();
        await behind.close();
      },
    };
  },
});
