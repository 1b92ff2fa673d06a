import { toNodeHandler } from '../../src/http/node.js';
import { gatewayBehind } from '../helpers/gateway-behind.js';
import { listen } from '../helpers/listen.js';
import { adapterTests } from './shared.js';

adapterTests({
  name: 'node:http',
  // Without a mount: the route is found at the end of the path.
  mounts: ['/v1', '', '/ai', '/ai/v1', '/models/v1'],
  seesRepeatedHeaders: true,
  async start() {
    const behind = await gatewayBehind();
    const { origin, close } = await listen(toNodeHandler(behind.gateway));
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
