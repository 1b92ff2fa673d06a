import type { AllowedFields } from '../allowed-fields.js';

/**
 * Native fields that a client may set under `provider_options.openai`, on every route. Not among them: what the gateway
 * decides, sound, tools and searches, whose cost is not known when a request is paid for.
 *
 * Source: the OpenAI API reference, `CreateChatCompletionRequest`, `CreateCompletionRequest`, `CreateEmbeddingRequest`.
 */
export const ALLOWED: AllowedFields = {
  max_completion_tokens: 'value',
  max_tokens: 'value',
  temperature: 'value',
  top_p: 'value',
  frequency_penalty: 'value',
  presence_penalty: 'value',
  logit_bias: 'json',
  logprobs: 'value',
  top_logprobs: 'value',
  stop: 'value',
  seed: 'value',
  response_format: 'json',
  reasoning_effort: 'value',
  verbosity: 'value',
  metadata: 'json',
  store: 'value',
  parallel_tool_calls: 'value',
  tool_choice: 'json',
  prompt_cache_retention: 'value',
  prompt_cache_options: { mode: 'value', ttl: 'value' },
  dimensions: 'value',
  encoding_format: 'value',
};
