import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '../../src/http/node.js';
import { createGateway } from '../../src/index.js';
import { prometheus } from '../../src/telemetry/prometheus.js';
import { processLogger } from '../helpers/process-logger.js';
import { providersAt } from '../helpers/providers-at.js';

/**
 * Started as a process of its own with the origin of its providers and the path of V8's log: a gateway with an allowance,
 * a request log and metrics that says how long V8's log is when it is asked.
 */
const [, , origin = '', log = ''] = process.argv;
const price = { input: 1, output: 2 };
const gateway = createGateway({
  providers: providersAt(origin),
  models: {
    gpt: { provider: 'openai', model: 'gpt', price },
    claude: { provider: 'anthropic', price },
    gemini: { provider: 'google', price },
  },
  plans: {
    prepaid: {
      models: '*',
      billing: 'prepaid',
      allowance: [{ amount: '1000', per: 'month' }],
      limits: { requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000, concurrentRequests: 100 },
    },
  },
  defaultPlan: 'prepaid',
  requestLog: { keep: '1d' },
  metrics: prometheus(),
  logger: processLogger,
});
await gateway.credits.topUp({ accountId: 'user_1', amount: '1000000', idempotencyKey: 'start' });
const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
const server = createServer(toNodeHandler(gateway));

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port, key }));
process.on('message', () => process.send?.({ length: statSync(log).size }));
