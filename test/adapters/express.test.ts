import express5 from 'express';
import express4 from 'express4';
import { toExpressHandler } from '../../src/adapters/express.js';
import { gatewayBehind } from '../helpers/gateway-behind.js';
import { listen } from '../helpers/listen.js';
import { adapterTests } from './shared.js';

for (const [version, express] of [
  [4, express4],
  [5, express5],
] as const) {
  adapterTests({
    name: `Express ${version}`,
    mounts: ['/v1', '/ai', '/ai/v1', '/tenants/t1/api/ai'],
    seesRepeatedHeaders: true,
    async start() {
      const behind = await gatewayBehind();
      const handler = toExpressHandler(behind.gateway);
      const app = express();
      const inner = express.Router();
      inner.use('/ai', handler);
      const outer = express.Router();
      outer.use('/api', inner);
      app.use('/tenants/:tenant', outer);
      app.use('/v1', handler);
      app.use('/ai', handler);
      const { origin, close } = await listen(app);
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
}
