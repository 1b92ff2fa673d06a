import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { describe, test } from 'vitest';
import { fromAiSdk } from '../../src/ai-sdk/index.js';
import {
  anthropic,
  azureOpenAI,
  cerebras,
  deepseek,
  fireworks,
  google,
  groq,
  mistral,
  ollama,
  openai,
  openaiCompatible,
  openrouter,
  type ProviderAdapter,
  together,
  vllm,
  xai,
} from '../../src/index.js';
import { bedrock } from '../../src/providers/bedrock/index.js';
import { vertex } from '../../src/providers/vertex/index.js';
import { type FakeUpstream, fakeUpstream, type ProviderSuiteOptions, providerSuite } from '../../src/testing/index.js';
import { acme, acmeAnswer } from './acme.js';
import { scriptedModel } from './scripted-model.js';

type Dialect = Omit<ProviderSuiteOptions, 'create'> & {
  readonly adapter: (upstream: FakeUpstream) => ProviderAdapter;
  /** The provider reports the usage of streams unasked. */
  readonly streamUsage?: boolean;
};

const embeddingModel = 'embed';

const dialects: Readonly<Record<string, Dialect>> = {
  OpenAI: { adapter: (at) => openai(at.openai), embeddingModel },
  'an OpenAI-compatible API': { adapter: (at) => openaiCompatible(at.openai), embeddingModel },
  Groq: { adapter: (at) => groq(at.openai), streamUsage: true },
  Mistral: { adapter: (at) => mistral(at.openai), streamUsage: true, embeddingModel },
  DeepSeek: { adapter: (at) => deepseek(at.openai) },
  xAI: { adapter: (at) => xai(at.openai), embeddingModel },
  OpenRouter: { adapter: (at) => openrouter(at.openai), embeddingModel },
  Together: { adapter: (at) => together(at.openai), embeddingModel },
  Fireworks: { adapter: (at) => fireworks(at.openai), embeddingModel },
  Cerebras: { adapter: (at) => cerebras(at.openai) },
  Ollama: { adapter: (at) => ollama(at.openai), embeddingModel },
  vLLM: { adapter: (at) => vllm(at.openai), embeddingModel },
  Anthropic: { adapter: (at) => anthropic(at.anthropic), model: 'claude-sonnet-4-5' },
  Gemini: { adapter: (at) => google(at.google), model: 'gemini-2.5-flash', embeddingModel: 'gemini-embedding-001' },
  'Azure OpenAI': { adapter: (at) => azureOpenAI(at.azure), embeddingModel },
  'Azure OpenAI, dated API': {
    adapter: (at) => azureOpenAI({ ...at.azure, apiVersion: '2024-10-21' }),
    embeddingModel,
  },
  'Gemini on Vertex AI': {
    adapter: (at) => vertex(at.vertex),
    model: 'gemini-2.5-flash',
    embeddingModel: 'text-embedding-005',
  },
  'Claude on Vertex AI': {
    adapter: (at) => vertex(at.vertex),
    model: 'claude-sonnet-4-5@20250929',
    embeddingModel: 'text-embedding-005',
  },
  'Claude on Bedrock': {
    adapter: (at) => bedrock(at.bedrock),
    model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    embeddingModel: 'amazon.titan-embed-text-v2:0',
  },
  'Converse on Bedrock': {
    adapter: (at) => bedrock(at.bedrock),
    model: 'amazon.nova-pro-v1:0',
    embeddingModel: 'amazon.titan-embed-text-v2:0',
  },
  'OpenAI of the AI SDK': { adapter: (at) => fromAiSdk(createOpenAI(at.openai)), embeddingModel },
  'Anthropic of the AI SDK': {
    adapter: ({ anthropic: { apiKey, baseURL } }) => fromAiSdk(createAnthropic({ apiKey, baseURL: `${baseURL}/v1` })),
    model: 'claude-sonnet-4-5',
  },
  'Gemini of the AI SDK': {
    adapter: ({ google: { apiKey, baseURL } }) =>
      fromAiSdk(createGoogleGenerativeAI({ apiKey, baseURL: `${baseURL}/v1beta` })),
    model: 'gemini-2.5-flash',
    embeddingModel: 'gemini-embedding-001',
  },
};

describe.each(Object.entries(dialects))('%s', (_name, { adapter, streamUsage, ...options }) => {
  providerSuite(test, {
    ...options,
    async create(answer) {
      const upstream = await fakeUpstream({ answer: { ...answer, ...(streamUsage && { streamUsage }) } });
      return {
        adapter: adapter(upstream),
        stopped: async () => (await upstream.received()).ended,
        close: () => upstream.close(),
      };
    },
  });
});

describe('an adapter without HTTP', () => {
  providerSuite(test, { create: scriptedModel });
});

describe('a dialect of somebody else', () => {
  providerSuite(test, {
    async create(answer) {
      const upstream = await fakeUpstream({ answer: (request) => acmeAnswer(answer, request.stream) });
      return {
        adapter: acme(upstream.url),
        stopped: async () => (await upstream.received()).ended,
        close: () => upstream.close(),
      };
    },
  });
});
