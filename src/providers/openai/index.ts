import type { ProviderAdapter } from '../adapter.js';
import { requireApiKey } from '../api-key.js';
import { type CredentialSource, type HeaderOptions, readCredentials } from '../http/credentials.js';
import { destinationOf } from '../http/http-exchange.js';
import { type ChatDialect, httpProvider } from '../http/http-provider.js';
import { normalizeChunks } from '../openai-compatible/to-chunks.js';
import { normalizeCompletion } from '../openai-compatible/to-completion.js';
import { openaiRoutes } from '../text-route.js';
import { relayChunks } from './to-chunks.js';
import { completionRelay } from './to-completion.js';
import { toError } from './to-error.js';
import { type LimitField, type RequestStyle, toRequest } from './to-request.js';

/** Options of `openai()`. */
export interface OpenAIOptions {
  /** Undefined or empty is a TypeError. A function is asked for it with every request. */
  readonly apiKey: CredentialSource | undefined;
  /** Default `https://api.openai.com/v1`. */
  readonly baseURL?: string;
  /** Sent as `openai-organization`. */
  readonly organization?: string;
  /** Sent as `openai-project`. */
  readonly project?: string;
  /** Further headers of every request; they replace the adapter's own. */
  readonly headers?: HeaderOptions;
}

/** Options of `openaiCompatible()`. */
export interface OpenAICompatibleOptions {
  /** Up to and including the version: `https://api.groq.com/openai/v1`. */
  readonly baseURL: string;
  /** Sent as `Authorization: Bearer`; leave it out for servers without keys. Undefined or empty is a TypeError. */
  readonly apiKey?: CredentialSource;
  /** The dialect's name in logs and its key under `provider_options`. Default `openai-compatible`. */
  readonly name?: string;
  /** The field in which this API takes an output limit, whichever the client used. Default `max_tokens`. */
  readonly limitField?: LimitField;
  /** Further headers of every request; they replace the adapter's own. */
  readonly headers?: HeaderOptions;
  /**
   * Which routes beside chat the server has. Without its own `responses` they are made out of chat; without the others
   * their requests are refused. Default: embeddings and completions.
   */
  readonly routes?: { readonly embeddings?: boolean; readonly completions?: boolean; readonly responses?: boolean };
  /** A source of numbers in [0, 1) for ids that the provider left out. Default `Math.random`. */
  readonly random?: () => number;
}

/** OpenAI's Chat Completions API. Requests and answers are relayed as they are wherever nothing must change. */
export function openai(options: OpenAIOptions): ProviderAdapter {
  const { organization, project } = options;
  const apiKey = requireApiKey('openai', options.apiKey);
  const fixed = {
    ...(organization !== undefined && { 'openai-organization': organization }),
    ...(project !== undefined && { 'openai-project': project }),
  };
  const credentials = readCredentials({ fixed, key: ['authorization', apiKey, bearer], own: options.headers });
  const style: RequestStyle = { name: 'openai', limitField: 'max_completion_tokens', strict: true };
  const readError: ChatDialect['toError'] = (answer) => toError(answer, credentials.secrets);
  const dialect: ChatDialect = {
    name: 'openai',
    toRequest: (call, stream) => toRequest(call, stream, style),
    ...completionRelay(readError),
    toChunks: (call) => relayChunks(call, readError),
    toError: readError,
  };
  const endpoint = { ...credentials, baseURL: trimmed(options.baseURL ?? 'https://api.openai.com/v1') };
  const served = { embeddings: true, completions: true, responses: true };
  return httpProvider(dialect, endpoint, openaiRoutes(served, style, destinationOf(endpoint, readError)));
}

/**
 * An API that copies OpenAI's: Groq, DeepSeek, Mistral, xAI, OpenRouter, Together, vLLM, Ollama, …
 *
 * Answers are read and written anew, so that what such APIs do differently reaches no client.
 */
export function openaiCompatible(options: OpenAICompatibleOptions): ProviderAdapter {
  const apiKey = 'apiKey' in options ? requireApiKey('openaiCompatible', options.apiKey) : undefined;
  const { name = 'openai-compatible', limitField = 'max_tokens', random = Math.random } = options;
  const credentials = readCredentials({ key: ['authorization', apiKey, bearer], own: options.headers });
  const style: RequestStyle = { name, limitField, strict: false };
  const readError: ChatDialect['toError'] = (answer) => toError(answer, credentials.secrets);
  const dialect: ChatDialect = {
    name,
    toRequest: (call, stream) => toRequest(call, stream, style),
    toCompletion: (json, text, call) => normalizeCompletion(json, text, call, readError, random),
    toChunks: (call) => normalizeChunks(call, readError, random),
    toError: readError,
  };
  const endpoint = { ...credentials, baseURL: trimmed(options.baseURL) };
  const served = { embeddings: true, completions: true, responses: false, ...options.routes };
  return httpProvider(dialect, endpoint, openaiRoutes(served, style, destinationOf(endpoint, readError)));
}

const bearer = (key: string) => `Bearer ${key}`;

function trimmed(baseURL: string): string {
  return baseURL.replace(/\/+$/, '');
}
