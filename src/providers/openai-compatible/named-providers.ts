import { checkGiven } from '../../lib/option-checks.js';
import type { ProviderAdapter } from '../adapter.js';
import { requireApiKey } from '../api-key.js';
import { ENDPOINT_OPTIONS } from '../endpoint-options.js';
import type { CredentialSource, HeaderOptions } from '../http/credentials.js';
import type { CompatibleFacts } from './facts.js';
import { compatibleAdapter } from './index.js';
import { CEREBRAS } from './named/cerebras.js';
import { DEEPSEEK } from './named/deepseek.js';
import { FIREWORKS } from './named/fireworks.js';
import { GROQ } from './named/groq.js';
import { MISTRAL } from './named/mistral.js';
import { OLLAMA } from './named/ollama.js';
import { OPENROUTER } from './named/openrouter.js';
import { TOGETHER } from './named/together.js';
import { VLLM } from './named/vllm.js';
import { XAI } from './named/xai.js';

/** Options of a provider with a hosted API. */
export interface NamedProviderOptions {
  /** Undefined or empty is a TypeError. A function is asked for it with every request. */
  readonly apiKey: CredentialSource | undefined;
  /** Default: the provider's own API. */
  readonly baseURL?: string;
  /** Further headers of every request; they replace the adapter's own. */
  readonly headers?: HeaderOptions;
}

/** Options of a server that the operator runs. */
export interface OwnServerOptions {
  /** Up to and including the version. */
  readonly baseURL: string;
  /** Leave it out for servers without keys. */
  readonly apiKey?: CredentialSource;
  /** Further headers of every request; they replace the adapter's own. */
  readonly headers?: HeaderOptions;
}

/** Groq's API. */
export function groq(options: NamedProviderOptions): ProviderAdapter {
  return hosted(GROQ, options);
}

/** Mistral's API. */
export function mistral(options: NamedProviderOptions): ProviderAdapter {
  return hosted(MISTRAL, options);
}

/** DeepSeek's API. */
export function deepseek(options: NamedProviderOptions): ProviderAdapter {
  return hosted(DEEPSEEK, options);
}

/** xAI's API. */
export function xai(options: NamedProviderOptions): ProviderAdapter {
  return hosted(XAI, options);
}

/** OpenRouter's API. */
export function openrouter(options: NamedProviderOptions): ProviderAdapter {
  return hosted(OPENROUTER, options);
}

/** Together AI's API. */
export function together(options: NamedProviderOptions): ProviderAdapter {
  return hosted(TOGETHER, options);
}

/** Fireworks AI's API. */
export function fireworks(options: NamedProviderOptions): ProviderAdapter {
  return hosted(FIREWORKS, options);
}

/** Cerebras's API. */
export function cerebras(options: NamedProviderOptions): ProviderAdapter {
  return hosted(CEREBRAS, options);
}

/** An Ollama server; by default the one at port 11434 of the same machine. */
export function ollama(options: Partial<OwnServerOptions> = {}): ProviderAdapter {
  return ownServer(OLLAMA, options);
}

/** A vLLM server. @throws {TypeError} without `baseURL`. */
export function vllm(options: OwnServerOptions): ProviderAdapter {
  return ownServer(VLLM, options);
}

function hosted(facts: CompatibleFacts, options: NamedProviderOptions): ProviderAdapter {
  checkGiven(facts.name, options, ENDPOINT_OPTIONS);
  return compatibleAdapter(facts, {
    ...options,
    apiKey: requireApiKey(facts.name, options.apiKey),
    baseURL: baseOf(facts, options.baseURL),
  });
}

function ownServer(facts: CompatibleFacts, options: Partial<OwnServerOptions>): ProviderAdapter {
  checkGiven(facts.name, options, ENDPOINT_OPTIONS);
  return compatibleAdapter(facts, {
    ...options,
    apiKey: 'apiKey' in options ? requireApiKey(facts.name, options.apiKey) : undefined,
    baseURL: baseOf(facts, options.baseURL),
  });
}

function baseOf(facts: CompatibleFacts, given: string | undefined): string {
  const baseURL = given ?? facts.baseURL;
  if (baseURL === undefined) throw new TypeError(`${facts.name}: baseURL is missing`);
  return baseURL;
}
