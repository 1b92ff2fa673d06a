import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import { isObject } from '../../openai-api/field-checks.js';
import { type AllowedFields, checkAllowed } from '../allowed-fields.js';
import type { ConverseRequest } from './converse-api.js';

/**
 * What a client may set of a model's own fields. Not among them: limits, numbers of answers, contents and tools, under any of
 * the names that families of models have for them.
 *
 * Source: AWS, "Inference request parameters and response fields for foundation models".
 */
const MODEL_FIELDS: AllowedFields = {
  temperature: 'value',
  top_p: 'value',
  top_k: 'value',
  topP: 'value',
  topK: 'value',
  k: 'value',
  p: 'value',
  seed: 'value',
  stop: 'value',
  stop_sequences: 'value',
  stopSequences: 'value',
  frequency_penalty: 'value',
  presence_penalty: 'value',
  repetition_penalty: 'value',
  logit_bias: 'json',
  reasoning_effort: 'value',
  reasoningConfig: { type: 'value', maxReasoningEffort: 'value' },
  reasoning_config: { type: 'value', budget_tokens: 'value' },
  thinking: { type: 'value', budget_tokens: 'value' },
  inferenceConfig: { temperature: 'value', topP: 'value', topK: 'value', stopSequences: 'value' },
  enable_thinking: 'value',
  chat_template_kwargs: { enable_thinking: 'value', thinking: 'value' },
  safe_prompt: 'value',
  safety_mode: 'value',
};

/** What a client may set. Latency and service tiers cost more than the prices say, and the rest the gateway decides. */
const ALLOWED: AllowedFields = {
  additionalModelRequestFields: MODEL_FIELDS,
  guardrailConfig: {
    guardrailIdentifier: 'value',
    guardrailVersion: 'value',
    trace: 'value',
    streamProcessingMode: 'value',
  },
  requestMetadata: 'json',
  outputConfig: { textFormat: { type: 'value', structure: { jsonSchema: 'json' } }, effort: 'value' },
};

/**
 * Merges `provider_options.bedrock` into a Converse request, last.
 *
 * @throws {GatewayError} for fields that are not on the list.
 */
export function mergeNativeOptions(native: ConverseRequest, request: ChatRequest): void {
  for (const [name, value] of Object.entries(nativeOptions(request))) {
    const before = native[name];
    native[name] = isObject(before) ? { ...before, ...(value as object) } : value;
  }
}

/** The client's own fields, which are read beside what is translated. @throws {GatewayError} for fields that are not on the list. */
export function nativeOptions({ provider_options: all }: ChatRequest): Record<string, unknown> {
  const options: unknown = all?.['bedrock'];
  if (options === undefined || options === null) return {};
  if (!isObject(options)) throw new GatewayError('invalid_type', { param: 'provider_options.bedrock' });
  checkAllowed(options, ALLOWED, 'provider_options.bedrock');
  for (const [name, value] of Object.entries(options)) {
    if (!isObject(value)) throw new GatewayError('invalid_type', { param: `provider_options.bedrock.${name}` });
  }
  return options;
}
