import { COMMON_FIELDS, COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

const EFFORTS: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' };

/**
 * Cerebras. Fields outside the schema are refused.
 *
 * Source: inference-docs.cerebras.ai, API reference, "Chat completions", and the types of
 * `@cerebras/cerebras_cloud_sdk` 1.91.0.
 */
export const CEREBRAS: CompatibleFacts = {
  name: 'cerebras',
  baseURL: 'https://api.cerebras.ai/v1',
  limitField: 'max_completion_tokens',
  fields: new Set<string>([
    ...COMMON_FIELDS,
    'clear_thinking',
    'disable_reasoning',
    'min_completion_tokens',
    'min_tokens',
    'prediction',
    'prompt_cache_key',
    'reasoning_format',
    'service_tier',
  ]),
  streamOptions: 'taken',
  messageFields: {
    ...COMMON_MESSAGE_FIELDS,
    assistant: ['name', 'tool_calls', 'reasoning'],
    tool: ['tool_call_id', 'name'],
  },
  parts: { system: ['text'], user: ['text', 'image_url'], assistant: ['text'], tool: ['text'] },
  developer: true,
  reasoning: 'reasoning',
  remembersReasoning: false,
  effort: (wanted) => EFFORTS[wanted] ?? wanted,
  providerTools: [],
  jsonSchema: true,
  routes: { embeddings: false, completions: true, responses: false },
};
