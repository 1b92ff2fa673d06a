import type OpenAI from 'openai';
import { anthropic, type GatewayOptions, google, openai, openaiCompatible } from '../../src/index.js';
import { type FakedGateway, fakedGateway } from './test-gateway.js';

/** A gateway in front of the fakes of all providers, and clients for it. Paths are those below `v1`. */
export interface RoutesGateway extends Pick<FakedGateway, 'gateway' | 'upstream' | 'close'> {
  readonly client: OpenAI;
  /** Posts a body and reads the answer as text. */
  post(route: string, body: object | string): Promise<{ status: number; headers: Headers; text: string }>;
  /** Posts a body and reads the answer as JSON. */
  json(route: string, body: object): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }>;
  /** Posts a body and reads the answer as the values of its events. */
  events(route: string, body: object): Promise<Record<string, unknown>[]>;
  /** Posts as another account. */
  as(accountId: string): Promise<RoutesGateway['json']>;
}

/** USD per million tokens of all its models. */
export const PRICE = { input: 1, output: 2 };

/** Starts one; its models are `gpt`, `claude`, `gemini`, `groq` (chat alone) and `both` (Claude first, then OpenAI). */
export async function routesGateway(options: Partial<GatewayOptions> = {}): Promise<RoutesGateway> {
  const chatOnly = { embeddings: false, completions: false };
  const site = await fakedGateway((upstream) => ({
    providers: {
      openai: openai(upstream.openai),
      anthropic: anthropic(upstream.anthropic),
      google: google(upstream.google),
      groq: openaiCompatible({ ...upstream.openai, name: 'groq', routes: chatOnly }),
      vllm: openaiCompatible({ ...upstream.openai, name: 'vllm' }),
    },
    models: {
      gpt: { provider: 'openai', model: 'gpt-4o-mini', price: PRICE },
      claude: { provider: 'anthropic', model: 'claude-sonnet-4-5', price: PRICE },
      gemini: { provider: 'google', model: 'gemini-2.5-flash', price: PRICE },
      groq: { provider: 'groq', model: 'llama-3.3-70b', price: PRICE },
      vllm: { provider: 'vllm', model: 'qwen', price: PRICE },
      both: {
        targets: [
          { provider: 'anthropic', model: 'claude-sonnet-4-5' },
          { provider: 'openai', model: 'gpt-4o-mini' },
        ],
        price: PRICE,
      },
    },
    plans: { free: { models: '*', tools: [] }, prepaid: { models: '*', billing: 'prepaid' } },
    defaultPlan: 'free',
    ...options,
  }));
  const { gateway, upstream, key, close } = site;
  const post = async (route: string, body: object | string, as = key) => {
    const response = await site.post(`v1/${route}`, body, { authorization: `Bearer ${as}` });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const json = async (route: string, body: object, as = key) => {
    const { text, ...head } = await post(route, body, as);
    return { ...head, body: JSON.parse(text) as Record<string, unknown> };
  };
  return {
    gateway,
    upstream,
    client: site.client(),
    post: (route, body) => post(route, body),
    json: (route, body) => json(route, body),
    events: async (route, body) => eventsIn((await post(route, body)).text),
    async as(accountId) {
      const other = await gateway.keys.create({ accountId, name: 'phone' });
      return (route, body) => json(route, body, other.key);
    },
    close,
  };
}

/** The values of the events in a stream's text, without what marks its end. */
export function eventsIn(text: string): Record<string, unknown>[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice('data: '.length)) as Record<string, unknown>);
}

/** The `error` object of an answer. */
export function errorOf({ body }: { readonly body: Record<string, unknown> }): {
  code: string;
  param: string;
  message: string;
} {
  return body.error as { code: string; param: string; message: string };
}
