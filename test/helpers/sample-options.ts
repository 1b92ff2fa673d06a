import type { GatewayOptions, Store } from '../../src/index.js';
import { echoProvider } from './echo-provider.js';

/** What gives a gateway the models of three providers, none of which is called. */
export function sampleOptions(store: Store, now: () => number): GatewayOptions {
  const provider = echoProvider();
  return {
    providers: { openai: provider, anthropic: provider, google: provider },
    models: {
      'gpt-4o': {
        provider: 'openai',
        price: { input: 2.5, cachedInput: 1.25, output: 10 },
        cost: { input: 2, cachedInput: 1, output: 8 },
      },
      'gpt-4o-mini': { provider: 'openai', price: { input: 0.15, cachedInput: 0.075, output: 0.6 } },
      'claude-sonnet-4-5': {
        provider: 'anthropic',
        price: {
          input: 3,
          cachedInput: 0.3,
          output: 15,
          tiers: [{ aboveInputTokens: 200_000, input: 6, cachedInput: 0.6, output: 22.5 }],
        },
      },
      'claude-haiku-4-5': { provider: 'anthropic', price: { input: 1, cachedInput: 0.1, output: 5 } },
      'gemini-2.5-flash': { provider: 'google', price: { input: 0.3, cachedInput: 0.075, output: 2.5 } },
    },
    plans: {
      free: { models: ['gpt-4o-mini'], limits: { requestsPerMinute: 20, tokensPerMinute: 40_000 } },
      pro: {
        models: '*',
        limits: { requestsPerMinute: 600, tokensPerMinute: 1_000_000, concurrentRequests: 20 },
        billing: 'prepaid',
      },
    },
    defaultPlan: 'free',
    store,
    requestLog: {},
    now,
  };
}
