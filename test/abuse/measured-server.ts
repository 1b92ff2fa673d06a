import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '../../src/http/node.js';
import { createGateway } from '../../src/index.js';
import { forgetHighest, highestMemory } from '../helpers/highest-memory.js';
import { processLogger } from '../helpers/process-logger.js';
import { providersAt } from '../helpers/providers-at.js';

/**
 * Started as a process of its own with the origin of its providers: a gateway that tells what it has taken since it was last
 * asked: the growth of its memory at the worst moment, and the processor time of its longest turn. Asked for the `floor`, it tells
 * what the same work would take as one step.
 */
const origin = String(process.argv[2]);
const price = { input: 1, output: 2 };
const gateway = createGateway({
  providers: providersAt(origin),
  models: {
    gpt: { provider: 'openai', model: 'gpt-4o', price },
    claude: { provider: 'anthropic', model: 'claude-haiku-4-5', price },
    gemini: { provider: 'google', model: 'gemini-2.5-flash', price },
    embedder: { provider: 'openai', model: 'text-embedding-3-small', price },
    vectors: { provider: 'google', model: 'gemini-embedding-001', price },
    painter: {
      provider: 'openai',
      model: 'gpt-image-1',
      price: { ...price, units: { image: 0.04, input_image_token: { perMillion: 10 } } },
    },
    whisper: {
      provider: 'openai',
      model: 'whisper-1',
      price: { input: 0, output: 0, units: { input_second: 0.0001 } },
    },
  },
  plans: { metered: { models: '*' }, prepaid: { models: '*', billing: 'prepaid' } },
  defaultPlan: process.argv[3] ?? 'metered',
  retries: { maxAttempts: 1 },
  logger: processLogger,
});
await gateway.credits.topUp({ accountId: 'user_1', amount: '1000000', idempotencyKey: 'start' });
const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
const server = createServer({ requestTimeout: 0 }, toNodeHandler(gateway));

let longest = 0;
let before = mainThreadMs();
const looked = () => {
  const now = mainThreadMs();
  longest = Math.max(longest, now - before);
  before = now;
};
setInterval(looked, 1);
let start = 0;

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port, key }));
process.on('message', (asked) => {
  if (asked === 'floor') return void process.send?.(Math.min(floorMs(), floorMs(), floorMs()));
  looked();
  process.send?.({ grown: highestMemory() - start, longestTurnMs: longest });
  globalThis.gc?.();
  start = process.memoryUsage().rss;
  forgetHighest();
  looked();
  longest = 0;
});

/** What it takes here to read and to write the largest body once, as JSON. */
function floorMs(): number {
  const body = JSON.stringify({ data: 'QUJD'.repeat(5 * 1024 * 1024) });
  const began = mainThreadMs();
  JSON.stringify(JSON.parse(body));
  return mainThreadMs() - began;
}

/** Processor time of the thread that serves requests: collecting garbage beside it holds up nobody. Source: proc(5). */
function mainThreadMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
}

process.on('unhandledRejection', () => process.exit(3));
