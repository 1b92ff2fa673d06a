import type { ProviderV3 } from '@ai-sdk/provider';
import { GatewayError } from '../lib/errors.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { type Check, checkGiven, texts } from '../lib/option-checks.js';
import { NO_USAGE, tokenCount, type Usage } from '../lib/usage.js';
import { type EmbeddingsRequest, toBase64 } from '../openai-api/embeddings.js';
import type { ChatCall, EmbeddingsAnswer, ProviderAdapter, RouteCall } from '../providers/adapter.js';
import type { CredentialCall, CredentialContext } from '../providers/http/credentials.js';
import { answeredRequest } from '../providers/openai/load-answered-chat.js';
import { openaiSize } from '../providers/sizing.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { toUpstreamError } from './errors.js';
import { toAnswer } from './to-answer.js';
import { toBatches } from './to-batches.js';
import { toCallOptions } from './to-call-options.js';

/** A provider, or a function that is asked for one with every request: tenants with keys of their own have one each. */
export type AiSdkProvider = ProviderV3 | ((context: CredentialContext<ProviderV3>) => MaybePromise<ProviderV3>);

/** Options of `fromAiSdk()`. */
export interface FromAiSdkOptions {
  /**
   * Further `provider_options` that clients may set, by name, or `'*'` for all of them. One that can make a request cost more
   * than its tokens (a tier, tools, a cache, another model) is then yours to bound. Default: a list of harmless ones.
   */
  readonly extraOptions?: '*' | readonly string[];
}

const names: Check = (value, path) => (value === '*' ? undefined : texts(value, path));

/**
 * Any provider of the AI SDK (specification v3) as an adapter: chat with tools, files and reasoning, and embeddings.
 *
 * The provider's own HTTP client is used, so that the gateway's `transport` has no part in it. Fields without a place in the
 * AI SDK are reported as dropped; of `provider_options` what can't cost more than was paid for is passed on as `providerOptions`.
 *
 * @param source a function caches what it wants to; when a provider's key is refused (401, 403) it is asked once more.
 * @throws {TypeError} without a provider, and for options that are unknown or malformed.
 * @example fromAiSdk(async ({ accountId }) => createOpenAI({ apiKey: await keyOf(accountId) }))
 */
export function fromAiSdk(source: AiSdkProvider, options: FromAiSdkOptions = {}): ProviderAdapter {
  if (typeof source !== 'function' && typeof source?.languageModel !== 'function')
    throw new TypeError('fromAiSdk: give it a provider of the AI SDK, or a function that returns one');
  checkGiven('fromAiSdk', options, { extraOptions: names });
  const { extraOptions } = options;
  return {
    name: 'ai-sdk',
    chat(call: ChatCall) {
      const { options, dropped } = toCallOptions(call, extraOptions);
      return withProvider(source, call, async (provider) => {
        const result = await provider.languageModel(call.model).doGenerate(options);
        return { ...toAnswer(result, call), ...(dropped.length > 0 && { dropped }) };
      });
    },
    stream(call: ChatCall) {
      const { options, dropped } = toCallOptions(call, extraOptions);
      return withProvider(source, call, async (provider) => {
        const { stream } = await provider.languageModel(call.model).doStream(options);
        const batches = await toBatches(stream, call);
        return { batches, ...(dropped.length > 0 && { dropped }) };
      });
    },
    sizes: { chat: (call) => openaiSize(answeredRequest(call), call.model) },
    routes: { embeddings: (call) => withProvider(source, call, (provider) => embed(provider, call)) },
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
    const used = tokenCount(part.usage?.tokens);
    tokens = tokens === undefined || used === undefined ? undefined : tokens + used;
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

/** Works with the provider of a call, once more where that one's key was refused and there is another. */
async function withProvider<T>(
  source: AiSdkProvider,
  call: CredentialCall,
  work: (provider: ProviderV3) => Promise<T>,
): Promise<T> {
  if (isProvider(source)) return asUpstream(() => work(source));
  const { accountId, model, tags = {} } = call;
  const first = await obtained(() => source({ accountId, model, tags }));
  try {
    return await asUpstream(() => work(first));
  } catch (thrown) {
    if (!UpstreamError.isInstance(thrown)) throw thrown;
    thrown.ownCredential = true;
    if (thrown.fault !== 'auth') throw thrown;
    const fresh = await obtained(() => source({ accountId, model, tags, rejected: first }));
    if (fresh === first) throw thrown;
    return asUpstream(() => work(fresh));
  }
}

/** Providers of the AI SDK are functions themselves. */
function isProvider(source: AiSdkProvider): source is ProviderV3 {
  return typeof (source as Partial<ProviderV3>).languageModel === 'function';
}

/** What the function throws fails the attempt as a refused key does; a `GatewayError` reaches the client as it is. */
async function obtained(ask: () => MaybePromise<ProviderV3>): Promise<ProviderV3> {
  try {
    return await ask();
  } catch (thrown) {
    if (GatewayError.isInstance(thrown)) throw thrown;
    throw new UpstreamError('auth', new GatewayError('upstream_error', { cause: thrown }), { cause: thrown });
  }
}

async function asUpstream<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw toUpstreamError(thrown);
  }
}
