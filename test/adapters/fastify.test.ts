import fastify from 'fastify';
import { gatewayPlugin } from '../../src/adapters/fastify.js';
import { gatewayBehind } from '../helpers/gateway-behind.js';
import { adapterTests } from './shared.js';

adapterTests({
  name: 'Fastify 5',
  mounts: ['/v1', '/ai', '/ai/v1', '/tenants/t1/ai'],
  seesRepeatedHeaders: true,
  async start() {
    const behind = await gatewayBehind();
    const app = fastify();
    for (const prefix of ['/v1', '/ai', '/tenants/:tenant/ai']) {
      await app.register(gatewayPlugin, { gateway: behind.gateway, prefix });
    }
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    return {
      ...behind,
      origin,
      async close() {
        app.server.closeAllConnections();
        await app.close();
        await behind.close();
      },
    };
  },
});
