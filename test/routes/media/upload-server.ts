import { createServer } from 'node:http';
import { toNodeHandler } from '../../../src/http/node.js';
import { createGateway, openai } from '../../../src/index.js';
import { processLogger } from '../../helpers/process-logger.js';
import { listening } from '../../helpers/replay-server.js';

/** A gateway in a process of its own: `tsx upload-server.ts <provider's origin>`. Says where it listens and how it grew. */
const gateway = createGateway({
  providers: { openai: openai({ apiKey: 'k', baseURL: `${process.argv[2]}/v1` }) },
  models: { 'whisper-1': { provider: 'openai', price: { input: 0, output: 0, units: { input_second: '0.0001' } } } },
  plans: { pro: { models: '*', billing: 'prepaid' } },
  logger: processLogger,
});
await gateway.credits.topUp({ accountId: 'ada', amount: '1000', idempotencyKey: 'start' });
const { key } = await gateway.keys.create({ accountId: 'ada', name: 'k' });
const origin = await listening(createServer(toNodeHandler(gateway)));

let most = 0;
setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss());
}, 20);
process.on('message', () => {
  process.send?.({ most });
  most = process.memoryUsage.rss();
});
process.send?.({ origin, key });
