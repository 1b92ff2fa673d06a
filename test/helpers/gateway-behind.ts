import { createGateway, type Gateway, type GatewayOptions, openai } from '../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';

/** A gateway in front of a scriptable provider, with the key of one account. */
export interface GatewayBehind {
  readonly gateway: Gateway;
  readonly upstream: FakeUpstream;
  readonly key: string;
  close(): Promise<void>;
}

/** The model ids that it serves; the second one holds a slash. */
export const MODELS = ['gpt-4o-mini', 'meta/llama-3'] as const;

/** Starts one. */
export async function gatewayBehind(options: Partial<GatewayOptions> = {}): Promise<GatewayBehind> {
  const upstream = await fakeUpstream();
  const gateway = createGateway({
    providers: { openai: openai(upstream.openai) },
    models: Object.fromEntries(MODELS.map((id) => [id, { provider: 'openai', price: { input: 1, output: 2 } }])),
    plans: { free: { models: '*' } },
    retries: { maxAttempts: 1 },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  return {
    gateway,
    upstream,
    key,
    async close() {
      await gateway.close({ deadlineMs: 0 });
      await upstream.close();
    },
  };
}
