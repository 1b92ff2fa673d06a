import { anthropic, type GatewayOptions, google, openai, openaiCompatible } from '../../src/index.js';
import type { FakeUpstreamOptions } from '../../src/testing/index.js';
import { type FakedGateway, fakedGateway } from './test-gateway.js';

/** A gateway in front of the fakes of all providers, for clients of any API; `post` sends the key as `x-api-key`. */
export type AgentGateway = Pick<FakedGateway, 'gateway' | 'upstream' | 'origin' | 'key' | 'post' | 'close'>;

/** USD per million tokens of all its models. */
export const PRICE = { input: 1, cachedInput: 1, cacheWrite: 1, output: 2 };

/** Its models by the provider that serves them. */
export const AGENT_MODELS = {
  OpenAI: 'gpt',
  Anthropic: 'claude',
  Gemini: 'gemini',
  compatible: 'deepseek',
} as const;

/** Starts one. `gpt-5` reasons, `gemini-3` signs its thoughts, `claude-opus` knows adaptive thinking, and `haiku` budgets alone. */
export async function startAgentGateway(
  options: Partial<GatewayOptions> = {},
  fake?: FakeUpstreamOptions,
): Promise<AgentGateway> {
  const site = await fakedGateway(
    (upstream) => ({
      providers: {
        openai: openai(upstream.openai),
        anthropic: anthropic(upstream.anthropic),
        google: google(upstream.google),
        deepseek: openaiCompatible({
          ...upstream.openai,
          name: 'deepseek',
          routes: { embeddings: false, completions: false },
        }),
      },
      models: {
        gpt: { provider: 'openai', model: 'gpt-4o-mini', price: PRICE },
        'gpt-5': { provider: 'openai', price: PRICE },
        claude: { provider: 'anthropic', model: 'claude-sonnet-4-5', price: PRICE },
        'claude-opus': {
          provider: 'anthropic',
          model: 'claude-opus-4-8',
          price: PRICE,
          displayName: 'Claude Opus 4.8',
        },
        haiku: { provider: 'anthropic', model: 'claude-haiku-4-5', price: PRICE },
        gemini: { provider: 'google', model: 'gemini-2.5-flash', price: PRICE },
        'gemini-3': { provider: 'google', model: 'gemini-3-pro-preview', price: PRICE },
        deepseek: { provider: 'deepseek', model: 'deepseek-reasoner', price: PRICE },
      },
      plans: {
        free: { models: '*' },
        prepaid: { models: '*', billing: 'prepaid' },
        limited: { models: '*', limits: { requestsPerMinute: 2, tokensPerMinute: 100_000 } },
      },
      defaultPlan: 'free',
      ...options,
    }),
    { fake },
  );
  return {
    ...site,
    post: (path, body, headers = {}) => site.post(path, body, { 'x-api-key': site.key, ...headers }),
  };
}
