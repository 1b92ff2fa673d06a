import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '../../src/http/node.js';
import { createGateway, openai } from '../../src/index.js';

/** Started as a process of its own with a provider's URL: a gateway whose memory can be asked for. */
const gateway = createGateway({
  providers: { one: openai({ apiKey: 'sk-x', baseURL: String(process.argv[2]) }) },
  models: { small: { provider: 'one', price: { input: 1, output: 2 } } },
  plans: { all: { models: '*' } },
});
const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
const server = createServer(toNodeHandler(gateway));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port, key }));
process.on('message', () => {
  globalThis.gc?.();
  process.send?.({ rss: process.memoryUsage().rss });
});
process.on('unhandledRejection', () => process.exit(3));
