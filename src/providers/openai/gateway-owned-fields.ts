import { GatewayError } from '../../lib/errors.js';
import type { Fields } from './fields.js';

/** The gateway decides which model answers, what it reads, how often, for whom, at which price, and who reports. */
const DECIDED: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'input',
  'prompt',
  'suffix',
  'n',
  'best_of',
  'stream',
  'stream_options',
  'service_tier',
  'user',
  'safety_identifier',
  'prompt_cache_key',
]);

/**
 * What names further models (OpenRouter, LiteLLM) or an answer that nobody fetches (xAI), and what would steer another
 * gateway behind: where it sends the request, with whose credential, to which kind of provider.
 *
 * Sources: OpenRouter, "Model routing"; LiteLLM, `completion()` parameters; Portkey, gateway configs.
 */
const ROUTING: ReadonlySet<string> = new Set([
  ...['models', 'fallbacks', 'preset', 'deferred', 'context_window_fallback_dict', 'content_policy_fallbacks'],
  ...['api_base', 'base_url', 'api_key', 'api_version', 'api_type', 'custom_llm_provider', 'custom_host'],
  ...[
    'mock_response',
    'mock_tool_calls',
    'mock_timeout',
    'mock_testing_fallbacks',
    'litellm_params',
    'router_settings',
  ],
  ...['extra_headers', 'headers', 'deployment_id', 'model_list', 'litellm_credential_name', 'organization'],
  ...[
    'aws_access_key_id',
    'aws_secret_access_key',
    'aws_session_token',
    'aws_region_name',
    'aws_bedrock_runtime_endpoint',
  ],
  ...[
    'vertex_credentials',
    'vertex_project',
    'vertex_location',
    'azure_ad_token',
    'configurable_clientside_auth_params',
  ],
]);

/**
 * Limits, numbers of answers and further models under the names of other APIs, which a copy of OpenAI's may obey as well.
 *
 * Sources: the API references of Ollama, Hugging Face TGI, vLLM, Cohere and Google.
 */
const OTHER_NAMES: ReadonlySet<string> = new Set([
  ...['best_of', 'models', 'fallbacks', 'preset', 'model_list'],
  ...['max_output_tokens', 'max_new_tokens', 'max_gen_len', 'max_length', 'max_tokens_to_sample', 'num_predict'],
  ...['maxoutputtokens', 'maxtokens', 'num_return_sequences', 'num_generations', 'num_completions', 'num_outputs'],
  ...['candidatecount', 'candidate_count', 'num_images', 'numimages', 'batch_size', 'use_beam_search', 'beam_width'],
]);

/** Fields that hold an output limit. */
export const LIMITS: readonly string[] = ['max_completion_tokens', 'max_tokens'];

/** Tiers that cost what the prices say, or less. Source: OpenAI and Groq, service tiers. */
const CHEAP_TIERS: ReadonlySet<unknown> = new Set(['auto', 'default', 'flex', 'standard', 'on_demand', 'batch']);

/** True for a service tier that may cost more than the prices say; it is left out. */
export function isCostlyTier(tier: unknown): boolean {
  return tier !== undefined && tier !== null && !CHEAP_TIERS.has(tier);
}

/**
 * Refuses what an API that copies OpenAI's may take for another model, more answers or another limit than were paid for.
 * Servers written in Go read the names of fields in any case, so that `MODEL` is `model` to them.
 *
 * @param counted the fields of this route that the gateway has counted, besides those with a meaning everywhere.
 * @throws {GatewayError} `unsupported_parameter`.
 */
export function refuseUncounted(request: Readonly<Fields>, counted: readonly string[] = []): void {
  for (const name in request) {
    if (PLAIN.has(name)) continue;
    // Forms write lists so.
    const folded = fold(name).replace(/\[.*$/, '');
    const uncounted = ROUTING.has(folded) || (folded === 'best_of' && !counted.includes(name));
    if (uncounted || isRespelled(name, folded)) throw decided(name, name);
  }
}

/** What nearly all requests have, told at once. */
const PLAIN: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'input', 'prompt', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens'],
  ...['temperature', 'top_p', 'tools', 'tool_choice', 'user', 'n', 'stop', 'response_format', 'reasoning_effort'],
]);

/**
 * The same for OpenAI itself, which knows none of these names: a server that copies it, and is asked as if it were OpenAI, is
 * sent what a client adds.
 *
 * @throws {GatewayError} `unsupported_parameter`.
 */
export function refuseOtherNames(request: Readonly<Fields>): void {
  for (const name in request) {
    if (PLAIN.has(name)) continue;
    const folded = fold(name);
    if (OTHER_NAMES.has(folded) || isRespelled(name, folded)) throw decided(name, name);
  }
}

/** The refusal of a field; `param` is its path. */
function decided(name: string, param: string): GatewayError {
  const shown = /^[\w.-]{1,64}$/.test(name) ? name : 'such a field';
  return new GatewayError('unsupported_parameter', { param, message: `The gateway sets '${shown}' itself.` });
}

function isRespelled(name: string, folded: string): boolean {
  return name !== folded && (DECIDED.has(folded) || LIMITS.includes(folded));
}

/** Also the long s and the Kelvin sign, which Go takes for s and k. Source: Go documentation, `encoding/json`. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
