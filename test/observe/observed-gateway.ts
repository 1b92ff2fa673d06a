import { createGateway, type GatewayOptions, memoryStore, openai } from '../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';

/** A gateway whose observers are tested, in front of two fake providers. */
export interface ObservedGateway {
  readonly gateway: ReturnType<typeof createGateway>;
  readonly upstream: FakeUpstream;
  readonly key: string;
  readonly keyId: string;
  /** Posts a chat completion and reads the answer to its end. */
  ask(
    body?: object,
    init?: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal },
  ): Promise<Seen>;
  close(): Promise<void>;
}

export interface Seen {
  readonly status: number;
  readonly requestId: string;
  readonly text: string;
}

export async function observedGateway(options: Partial<GatewayOptions>): Promise<ObservedGateway> {
  const upstream = await fakeUpstream();
  const gateway = createGateway({
    providers: { openai: openai(upstream.openai), other: openai(upstream.openai) },
    models: {
      fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } },
      safe: {
        targets: [
          { provider: 'openai', model: 'gpt-4o-mini' },
          { provider: 'other', model: 'gpt-4o' },
        ],
        price: { input: 1, output: 2 },
      },
    },
    plans: { pro: { models: '*', billing: 'prepaid', limits: { requestsPerMinute: 100 } } },
    store: memoryStore(),
    retries: { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 1 },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  });
  const { key, record } = await gateway.keys.create({ accountId: 'user_1', name: 'test' });
  await gateway.credits.topUp({ accountId: 'user_1', amount: '1', idempotencyKey: 'a' });
  return {
    gateway,
    upstream,
    key,
    keyId: record.id,
    async ask(body = {}, { headers = {}, signal } = {}) {
      const answer = await gateway.fetch(
        new Request('http://gateway.test/v1/chat/completions', {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }], ...body }),
          ...(signal && { signal }),
        }),
      );
      return { status: answer.status, requestId: answer.headers.get('x-request-id') ?? '', text: await answer.text() };
    },
    async close() {
      await gateway.close({ deadlineMs: 0 });
      await upstream.close();
    },
  };
}
