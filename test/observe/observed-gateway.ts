import { type GatewayOptions, memoryStore, openai } from '../../src/index.js';
import { type FakedGateway, fakedGateway } from '../helpers/test-gateway.js';

/** A gateway whose observers are tested, in front of two fake providers. */
export interface ObservedGateway extends Pick<FakedGateway, 'gateway' | 'upstream' | 'key' | 'keyId' | 'close'> {
  /** Posts a chat completion and reads the answer to its end. */
  ask(
    body?: object,
    init?: { readonly headers?: Record<string, string>; readonly signal?: AbortSignal },
  ): Promise<Seen>;
}

export interface Seen {
  readonly status: number;
  readonly requestId: string;
  readonly text: string;
}

/**
 * Starts one, with a dollar on the account.
 *
 * @param provider the name of the first provider.
 */
export async function observedGateway(options: Partial<GatewayOptions>, provider = 'openai'): Promise<ObservedGateway> {
  const price = { input: 1, output: 2 };
  const site = await fakedGateway(
    (upstream) => ({
      providers: { [provider]: openai(upstream.openai), other: openai(upstream.openai) },
      models: {
        fast: { provider, model: 'gpt-4o-mini', price },
        safe: {
          targets: [
            { provider, model: 'gpt-4o-mini' },
            { provider: 'other', model: 'gpt-4o' },
          ],
          price,
        },
      },
      plans: { pro: { models: '*', billing: 'prepaid', limits: { requestsPerMinute: 100 } } },
      store: memoryStore(),
      retries: { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 1 },
      ...options,
    }),
    { balance: '1' },
  );
  const { gateway, key } = site;
  return {
    ...site,
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
  };
}
