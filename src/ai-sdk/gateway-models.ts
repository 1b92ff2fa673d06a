import type { EmbeddingModelV3, LanguageModelV3 } from '@ai-sdk/provider';
import type { Gateway } from '../gateway.js';
import { optionalPeer } from '../lib/optional-peer.js';
import type { Identity } from '../pipeline/identity.js';

/** The models of a gateway for the AI SDK. */
export interface GatewayModels {
  /** A language model by the name that the gateway knows it by. */
  (modelId: string): LanguageModelV3;
  languageModel(modelId: string): LanguageModelV3;
  embeddingModel(modelId: string): EmbeddingModelV3;
}

/** Never leaves the process. */
const BASE_URL = 'http://gateway.invalid/v1';
const PROVIDER = 'metask-gateway';

/**
 * The models of a gateway in this process, for the AI SDK (with `@ai-sdk/openai` installed).
 *
 * Plans, limits, money and fallbacks are those of the account; no socket and no key is involved.
 *
 * @example streamText({ model: gatewayModels(gateway, { accountId: user.id })('fast'), prompt })
 */
export function gatewayModels(gateway: Pick<Gateway, 'fetchFor'>, identity: Identity): GatewayModels {
  if (typeof gateway?.fetchFor !== 'function')
    throw new TypeError('gatewayModels: give it what createGateway() returned');
  const fetch = gateway.fetchFor(identity);
  const loadProvider = once(async () => {
    // Loaded here, because the other half of this entry point works without it.
    const { createOpenAI } = await optionalPeer('@ai-sdk/openai', 'gatewayModels()', () => import('@ai-sdk/openai'));
    return createOpenAI({ name: PROVIDER, baseURL: BASE_URL, apiKey: 'unused', fetch });
  });
  const languageModel = (modelId: string) =>
    lazyLanguageModel(modelId, async () => (await loadProvider()).chat(modelId));
  return Object.assign((modelId: string) => languageModel(modelId), {
    languageModel,
    embeddingModel: (modelId: string) =>
      lazyEmbeddingModel(modelId, async () => (await loadProvider()).embedding(modelId)),
  });
}

function lazyLanguageModel(modelId: string, load: () => Promise<LanguageModelV3>): LanguageModelV3 {
  return {
    specificationVersion: 'v3',
    provider: PROVIDER,
    modelId,
    // A file's URL goes to the provider, which fetches it or says that it can't.
    supportedUrls: { 'image/*': [/^https?:\/\/.*$/] },
    doGenerate: async (options) => (await load()).doGenerate(options),
    doStream: async (options) => (await load()).doStream(options),
  };
}

function lazyEmbeddingModel(modelId: string, load: () => Promise<EmbeddingModelV3>): EmbeddingModelV3 {
  return {
    specificationVersion: 'v3',
    provider: PROVIDER,
    modelId,
    // Source: OpenAI API reference, embeddings: at most 2,048 inputs.
    maxEmbeddingsPerCall: 2_048,
    supportsParallelCalls: true,
    doEmbed: async (options) => (await load()).doEmbed(options),
  };
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
}
