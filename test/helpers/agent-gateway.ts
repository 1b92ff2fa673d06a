import { createServer } from 'node:http';
import { toNodeHandler } from '../../src/http/node.js';
import {
  anthropic,
  createGateway,
  type Gateway,
  type GatewayOptions,
  google,
  openai,
  openaiCompatible,
} from '../../src/index.js';
import { type FakeUpstream, type FakeUpstreamOptions, fakeUpstream } from '../../src/testing/index.js';
import { closed, listening } from './replay-server.js';

/** A gateway on a real socket in front of the fakes of all providers, for clients of any API. */
export interface AgentGateway {
  readonly gateway: Gateway;
  readonly upstream: FakeUpstream;
  /** Without a path. */
  readonly origin: string;
  /** Of `user_1`, on a metered plan. */
  readonly key: string;
  /** Posts a body with the key as `x-api-key`. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

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
  const upstream = await fakeUpstream(fake);
  const gateway = createGateway({
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
      'claude-opus': { provider: 'anthropic', model: 'claude-opus-4-8', price: PRICE, displayName: 'Claude Opus 4.8' },
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
    retries: { maxAttempts: 1 },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  const server = createServer(toNodeHandler(gateway));
  const origin = await listening(server);
  return {
    gateway,
    upstream,
    origin,
    key,
    post: (path, body, headers = {}) =>
      fetch(`${origin}/${path}`, {
        method: 'POST',
        headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async close() {
      await closed(server);
      await gateway.close({ deadlineMs: 0 });
      await upstream.close();
    },
  };
}
