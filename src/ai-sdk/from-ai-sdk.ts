import type { ProviderV3 } from '@ai-sdk/provider';
import { GatewayError } from '../lib/errors.js';
import { NO_USAGE, type Usage } from '../lib/usage.js';
import { type EmbeddingsRequest, toBase64 } from '../openai-api/embeddings.js';
import type { ChatCall, EmbeddingsAnswer, ProviderAdapter, RouteCall } from '../providers/adapter.js';
import { toUpstreamError } from './errors.js';
import { toAnswer } from './to-answer.js';
import { toBatches } from './to-batches.js';
import { toCallOptions } from './to-call-options.js';

/**
 * Any provider of the AI SDK (specification v3) as an adapter: chat with tools, files and reasoning, and embeddings.
 *
 * The provider's own HTTP client is used, so that the gateway's `transport` has no part in it. Fields without a place in the
 * AI SDK are reported as dropped; `provider_options` are passed on as `providerOptions`.
 */
export function fromAiSdk(provider: ProviderV3): ProviderAdapter {
  const modelOf = ({ model }: { readonly model: string }) => asUpstream(() => provider.languageModel(model));
  return {
    name: 'ai-sdk',
    async chat(call: ChatCall) {
      const { options, dropped } = toCallOptions(call);
      const model = await modelOf(call);
      const result = await asUpstream(() => model.doGenerate(options));
      return { ...toAnswer(result, call), ...(dropped.length > 0 && { dropped }) };
    },
    async stream(call: ChatCall) {
      const { options, dropped } = toCallOptions(call);
      const model = await modelOf(call);
      const { stream } = await asUpstream(() => model.doStream(options));
      const batches = await toBatches(stream, call);
      return { batches, ...(dropped.length > 0 && { dropped }) };
    },
    routes: { embeddings: (call) => asUpstream(() => embed(provider, call)) },
  };
}

async function embed(provider: ProviderV3, call: RouteCall<EmbeddingsRequest>): Promise<EmbeddingsAnswer> {
  const { request, model: id, signal } = call;
  const values = (Array.isArray(request.input) ? request.input : [request.input]).map((text) => {
    if (typeof text === 'string') return text;
    throw new GatewayError('unsupported_value', { param: 'input', message: 'The model takes text, not tokens.' });
  });
  const model = provider.embeddingModel(id);
  const most = (await model.maxEmbeddingsPerCall) ?? values.length;
  const vectors: number[][] = [];
  let tokens: number | undefined = 0;
  for (let at = 0; at < values.length; at += most) {
    const part = await model.doEmbed({ values: values.slice(at, at + most), abortSignal: signal });
    vectors.push(...part.embeddings);
    tokens = tokens === undefined || part.usage === undefined ? undefined : tokens + part.usage.tokens;
  }
  const asText = request.encoding_format === 'base64';
  const data = vectors.map((vector, index) => {
    return { object: 'embedding' as const, index, embedding: asText ? toBase64(vector) : vector };
  });
  const usage: Usage | undefined =
    tokens === undefined ? undefined : { ...NO_USAGE, inputTokens: tokens, source: 'provider' };
  const dropped = request.dimensions === undefined ? [] : ['dimensions'];
  return {
    embeddings: { object: 'list', data, model: id },
    ...(usage && { usage }),
    ...(dropped.length > 0 && call.unsupported === 'warn' && { dropped }),
  };
}

async function asUpstream<T>(work: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw toUpstreamError(thrown);
  }
}
