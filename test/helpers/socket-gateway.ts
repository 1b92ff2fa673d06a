import { createServer } from 'node:http';
import OpenAI from 'openai';
import { toNodeHandler } from '../../src/http/node.js';
import { createGateway, type GatewayOptions } from '../../src/index.js';
import { closed, listening } from './replay-server.js';

/** A gateway on a real socket, with one account and its key. */
export interface SocketGateway {
  /** The official client; it never tries again by itself. */
  readonly client: OpenAI;
  /** With `/v1`. */
  readonly url: string;
  readonly key: string;
  close(): Promise<void>;
}

/** Starts one on a free port; it makes one attempt for each request. */
export async function startSocketGateway(
  options: Pick<GatewayOptions, 'providers' | 'models'>,
): Promise<SocketGateway> {
  const gateway = createGateway({
    plans: { free: { models: '*' } },
    retries: { maxAttempts: 1 },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  const server = createServer(toNodeHandler(gateway));
  const url = `${await listening(server)}/v1`;
  return {
    client: new OpenAI({ baseURL: url, apiKey: key, maxRetries: 0 }),
    url,
    key,
    async close() {
      await closed(server);
      await gateway.close();
    },
  };
}
