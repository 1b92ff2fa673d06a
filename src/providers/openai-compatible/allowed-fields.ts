import type { AllowedFields } from '../allowed-fields.js';
import type { EndpointFields } from '../endpoint-fields.js';
import { ALLOWED as OPENAI } from '../openai/allowed-fields.js';

/**
 * Fields besides OpenAI's that a client may set at an API that copies it, at the top of a request and under `provider_options`.
 * None of them can name a model, a server or a tool, or raise the number of answers or tokens.
 *
 * Sources: the API references of the named providers; docs.vllm.ai, "OpenAI-compatible server", extra parameters.
 */
const EXTENSIONS: AllowedFields = {
  top_k: 'value',
  top_a: 'value',
  min_p: 'value',
  typical_p: 'value',
  repetition_penalty: 'value',
  length_penalty: 'value',
  mirostat_tau: 'value',
  mirostat_eta: 'value',
  min_tokens: 'value',
  min_completion_tokens: 'value',
  ignore_eos: 'value',
  stop_token_ids: 'value',
  bad_words: 'value',
  include_stop_str_in_output: 'value',
  skip_special_tokens: 'value',
  spaces_between_special_tokens: 'value',
  add_generation_prompt: 'value',
  continue_final_message: 'value',
  add_special_tokens: 'value',
  chat_template_kwargs: {
    enable_thinking: 'value',
    thinking: 'value',
    reasoning_effort: 'value',
    clear_thinking: 'value',
  },
  guided_json: 'json',
  guided_regex: 'value',
  guided_choice: 'value',
  guided_grammar: 'value',
  structured_outputs: { json: 'json', regex: 'value', choice: 'value', grammar: 'value', json_object: 'value' },
  grammar: 'value',
  format: 'json',
  return_token_ids: 'value',
  random_seed: 'value',
  safe_prompt: 'value',
  prompt_mode: 'value',
  guardrails: 'json',
  documents: 'json',
  citation_options: 'value',
  disable_tool_validation: 'value',
  reasoning: { effort: 'value', exclude: 'value', enabled: 'value', summary: 'value' },
  include_reasoning: 'value',
  reasoning_format: 'value',
  reasoning_history: 'value',
  disable_reasoning: 'value',
  thinking: { type: 'value', clear_thinking: 'value' },
  enable_thinking: 'value',
  clear_thinking: 'value',
  cache_control: { type: 'value', ttl: 'value' },
  transforms: 'value',
  usage: { include: 'value' },
  perf_metrics_in_response: 'value',
  prompt_truncate_len: 'value',
  context_length_exceeded_behavior: 'value',
  truncate: 'value',
  input_type: 'value',
  task: 'value',
  output_dimension: 'value',
  output_dtype: 'value',
};

/** Native fields that a client may set under `provider_options`. */
const ALLOWED: AllowedFields = { ...OPENAI, ...EXTENSIONS };

/** Sources: the OpenAI API reference, `ChatCompletionStreamOptions`; docs.vllm.ai, `StreamOptions`. */
const STREAM_OPTIONS: AllowedFields = {
  include_usage: 'value',
  include_obfuscation: 'value',
  continuous_usage_stats: 'value',
};

/**
 * What else than input and tools a request for a response may hold. Source: the OpenAI API reference, `CreateResponse`.
 */
const RESPONSE: AllowedFields = {
  reasoning: { effort: 'value', summary: 'value', generate_summary: 'value' },
  text: { format: 'json', verbosity: 'value' },
  stream_options: STREAM_OPTIONS,
};

/** What the gateway has counted or decides itself, at the top of a request; their insides are checked when they are read. */
const COUNTED: AllowedFields = {
  ...asJson([
    ...['model', 'messages', 'input', 'prompt', 'suffix', 'stream', 'n', 'best_of', 'echo'],
    ...['service_tier', 'user', 'safety_identifier', 'prompt_cache_key', 'provider_options', 'modalities', 'audio'],
    ...['tools', 'functions', 'function_call', 'web_search_options'],
  ]),
  prediction: { type: 'value', content: 'json' },
  stream_options: STREAM_OPTIONS,
};

/** Fields that a request may have at its top; any other is left out and reported. */
const ALLOWED_AT_TOP: AllowedFields = { ...ALLOWED, ...COUNTED };

/**
 * The lists of one endpoint.
 *
 * @param extra names of further fields that its operator lets pass, or `'*'` for all of them.
 * @param toolFields names of fields that ask for tools of the provider; at the top of a request they are counted.
 */
export function endpointFields(
  extra: '*' | readonly string[] = [],
  toolFields: readonly string[] = [],
): EndpointFields {
  const added = asJson(extra === '*' ? [] : extra);
  return {
    options: { ...ALLOWED, ...added },
    top: { ...ALLOWED_AT_TOP, ...asJson(toolFields), ...added },
    response: RESPONSE,
    streamOptions: STREAM_OPTIONS,
    everything: extra === '*',
  };
}

function asJson(names: readonly string[]): AllowedFields {
  return Object.fromEntries(names.map((name) => [name, 'json' as const]));
}
