import { type ConfigureOptions, createGateway, type Gateway, openai } from 'metask-gateway';
import { fakeUpstream } from 'metask-gateway/testing';

/** What may change while the gateway runs. */
const offer = {
  models: {
    'gpt-4o-mini': { provider: 'openai', price: { input: 0.15, output: 0.6 } },
    'meta/llama-3': { provider: 'openai', price: { input: 0.2, output: 0.2 } },
  },
  plans: { free: { models: '*', limits: { requestsPerMinute: 600 } } },
} satisfies ConfigureOptions;

// `next dev` loads modules again after each change; the gateway, with its keys and balances, stays.
const kept = globalThis as { gateway?: Promise<Gateway> };

export const gateway = await (kept.gateway ??= start());
// An edit of models, prices or plans above holds from the next request on.
if (process.env['NODE_ENV'] === 'development') await gateway.configure(offer);

async function start(): Promise<Gateway> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL } = process.env;
  // Without a key, a stand-in for OpenAI answers.
  const account =
    OPENAI_API_KEY === undefined
      ? (await fakeUpstream()).openai
      : { apiKey: OPENAI_API_KEY, ...(OPENAI_BASE_URL !== undefined && { baseURL: OPENAI_BASE_URL }) };
  return createGateway({ providers: { openai: openai(account) }, ...offer });
}
