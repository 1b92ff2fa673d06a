import type OpenAI from 'openai';
import { afterAll, beforeAll } from 'vitest';
import type { GatewayOptions } from '../../src/index.js';
import { RECORDED_ADAPTERS, UPSTREAM_MODELS } from './recorded-adapters.js';
import { type ReplayServer, startReplayServer } from './replay-server.js';
import { type TestGateway, testGateway } from './test-gateway.js';

/** A gateway in front of a provider that plays recordings, both on real sockets. */
export interface ReplayedGateway {
  readonly upstream: ReplayServer;
  readonly client: OpenAI;
  readonly url: string;
  readonly key: string;
}

/** Starts one before the tests of the calling file and stops it after them. Its models are `openai/0` to `openai/99` and so on,
 * `anthropic/thinking` and `google/thinking`. */
export function replayedGateway(): ReplayedGateway {
  let upstream: ReplayServer;
  let gateway: TestGateway;

  beforeAll(async () => {
    upstream = await startReplayServer();
    const { url } = upstream;
    gateway = await testGateway({
      providers: Object.fromEntries(
        Object.entries(RECORDED_ADAPTERS).map(([name, adapterAt]) => [name, adapterAt(url)]),
      ),
      models: replayedModels(),
    });
  });

  afterAll(async () => {
    await gateway.close();
    await upstream.close();
  });

  return {
    get upstream() {
      return upstream;
    },
    get client() {
      return gateway.client();
    },
    get url() {
      return gateway.url;
    },
    get key() {
      return gateway.key;
    },
  };
}

function replayedModels(): GatewayOptions['models'] {
  const models = Object.entries(UPSTREAM_MODELS).flatMap(([provider, model]) =>
    Array.from({ length: 100 }, (_, number) => [
      `${provider}/${number}`,
      { targets: [{ provider, model: `${model}-${number}` }], price: { input: 1, output: 2 } },
    ]),
  );
  const price = { input: 1, output: 2 };
  return {
    ...Object.fromEntries(models),
    'anthropic/thinking': { targets: [{ provider: 'anthropic', model: 'claude-sonnet-4-5' }], price },
    'google/thinking': { targets: [{ provider: 'google', model: 'gemini-3-flash-preview' }], price },
  };
}
