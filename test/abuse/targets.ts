import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { fromAiSdk } from '../../src/ai-sdk/index.js';
import { anthropic, azureOpenAI, type GatewayOptions, google, openai, openaiCompatible } from '../../src/index.js';
import { bedrock } from '../../src/providers/bedrock/index.js';
import { vertex } from '../../src/providers/vertex/index.js';
import type { Transport } from '../../src/upstream/transport.js';
import { PRICES } from './abuse-site.js';

interface ListPrice {
  readonly input: number;
  readonly output: number;
  /** Of the whole request, when it is longer. */
  readonly tiers?: readonly { readonly aboveInputTokens: number; readonly input: number; readonly output: number }[];
}

/** USD per million tokens. */
const LIST = {
  ...PRICES,
  o: { input: 1.1, output: 4.4 },
  old: { input: 0.8, output: 4 },
  lite: { input: 0.1, output: 0.4 },
  long: { input: 1.25, output: 10, tiers: [{ aboveInputTokens: 2_000, input: 2.5, output: 15 }] },
  reasoner: { input: 0.5, output: 2 },
  thinker: { input: 0.5, output: 2 },
  signer: { input: 2, output: 12 },
} satisfies Readonly<Record<string, ListPrice>>;

/** Where each model is, and what it costs. No two have one name at their providers. */
const TARGETS: Readonly<Record<string, readonly [provider: string, model: string, price: ListPrice]>> = {
  mini: ['openai', 'gpt-4o-mini', LIST.mini],
  gpt: ['openai', 'gpt-4o', LIST.gpt],
  o: ['openai', 'o3-mini', LIST.o],
  haiku: ['anthropic', 'claude-haiku-4-5', LIST.haiku],
  old: ['anthropic', 'claude-3-5-haiku-latest', LIST.old],
  gemini: ['google', 'gemini-2.5-flash', LIST.gemini],
  lite: ['google', 'gemini-2.0-flash', LIST.lite],
  long: ['google', 'gemini-2.5-pro', LIST.long],
  copy: ['copy', 'qwen', LIST.copy],
  reasoner: ['copy', 'deepseek-reasoner', LIST.reasoner],
  embed: ['google', 'gemini-embedding-001', LIST.embed],
  thinker: ['thinks', 'deepseek-reasoner-2', LIST.thinker],
  signer: ['google', 'gemini-3-pro-preview', LIST.signer],
  'azure-any': ['azure', 'house-model', LIST.mini],
  'azure-o': ['azure', 'o3-mini-2025-01-31', LIST.o],
  'bedrock-claude': ['bedrock', 'eu.anthropic.claude-haiku-4-5-20251001-v1:0', LIST.haiku],
  'bedrock-nova': ['bedrock', 'amazon.nova-lite-v1:0', LIST.copy],
  'vertex-claude': ['vertex', 'claude-haiku-4-5@20251001', LIST.haiku],
  'vertex-gemini': ['vertex', 'gemini-2.5-flash-lite', LIST.gemini],
  'sdk-openai': ['sdkOpenai', 'gpt-4.1', LIST.gpt],
  'sdk-claude': ['sdkAnthropic', 'claude-haiku-4-5-20251001', LIST.haiku],
  'sdk-gemini': ['sdkGoogle', 'gemini-2.5-flash-001', LIST.gemini],
};

/** Those on clouds and behind the AI SDK. */
export const HOSTED_MODELS = Object.keys(TARGETS).filter((name) => name.includes('-'));

export const MODELS = Object.fromEntries(
  Object.entries(TARGETS).map(([name, [provider, model, price]]) => [name, { provider, model, price }]),
) as unknown as NonNullable<GatewayOptions['models']>;

/** What a model costs, by its name at its provider. */
export function listPriceOf(native: string | undefined): ListPrice {
  const price = Object.values(TARGETS).find(([, model]) => model === native)?.[2];
  if (!price) throw new Error(`${native} has no price`);
  return price;
}

/** @param origin where they are on the network. @param asked what providers of the AI SDK ask with. */
export function providersAt(origin: string, asked: typeof fetch): GatewayOptions['providers'] {
  const base = { apiKey: 'sk-x', baseURL: origin };
  const sdk = (version: string) => ({ apiKey: 'sk-x', baseURL: origin + version, fetch: asked });
  return {
    openai: openai({ ...base, baseURL: `${origin}/v1` }),
    anthropic: anthropic(base),
    google: google(base),
    copy: openaiCompatible({ ...base, name: 'copy' }),
    thinks: openaiCompatible({ ...base, name: 'deepseek' }),
    azure: azureOpenAI(base),
    bedrock: bedrock({ ...base, region: 'eu-west-1' }),
    vertex: vertex({ project: 'p', location: 'global', token: 't', baseURL: origin }),
    sdkOpenai: fromAiSdk(createOpenAI(sdk('/v1'))),
    sdkAnthropic: fromAiSdk(createAnthropic(sdk('/v1'))),
    sdkGoogle: fromAiSdk(createGoogleGenerativeAI(sdk('/v1beta'))),
  };
}

/** What asks a provider by way of a transport. */
export function fetchThrough(transport: Transport): typeof fetch {
  return async (url, init) => {
    const signal = init?.signal ?? new AbortController().signal;
    const asked = { method: 'POST', url: String(url), headers: {}, body: String(init?.body), signal } as const;
    const { status, headers, body } = await transport.send(asked as unknown as Parameters<Transport['send']>[0]);
    const stream = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const pieces = await body.read();
          if (!pieces) controller.close();
          else for (const piece of pieces) controller.enqueue(piece);
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(stream, { status, headers: headers as Record<string, string> });
  };
}
