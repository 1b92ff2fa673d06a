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

/** Fields that nearly all requests have, recognized at once. */
export const PLAIN: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'input', 'prompt', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens'],
  ...['temperature', 'top_p', 'tools', 'tool_choice', 'user', 'n', 'stop', 'response_format', 'reasoning_effort'],
]);

/**
 * Refuses names of other APIs in a request to OpenAI, which knows none of them: a server that copies it, and is asked as if it
 * were OpenAI, is sent what a client adds.
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
export function decided(name: string, param: string): GatewayError {
  const shown = /^[\w.-]{1,64}$/.test(name) ? name : 'such a field';
  return new GatewayError('unsupported_parameter', { param, message: `The gateway sets '${shown}' itself.` });
}

/** A field that the gateway decides, in another spelling. */
export function isRespelled(name: string, folded: string): boolean {
  return name !== folded && (DECIDED.has(folded) || LIMITS.includes(folded));
}

/** Also the long s and the Kelvin sign, which Go takes for s and k. Source: Go documentation, `encoding/json`. */
export function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
