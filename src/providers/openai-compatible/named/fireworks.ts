import { COMMON_FIELDS, COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

const EFFORTS: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' };

/**
 * Fireworks AI. Fields outside the schema are refused ("Extra inputs are not permitted").
 *
 * Source: docs.fireworks.ai, API reference, "Create Chat Completion".
 */
export const FIREWORKS: CompatibleFacts = {
  name: 'fireworks',
  baseURL: 'https://api.fireworks.ai/inference/v1',
  limitField: 'max_tokens',
  fields: new Set<string>([
    ...COMMON_FIELDS,
    'context_length_exceeded_behavior',
    'ignore_eos',
    'metadata',
    'min_p',
    'perf_metrics_in_response',
    'prediction',
    'prompt_cache_key',
    'prompt_truncate_len',
    'reasoning_history',
    'repetition_penalty',
    'thinking',
    'top_k',
    'typical_p',
  ]),
  streamOptions: 'taken',
  messageFields: {
    ...COMMON_MESSAGE_FIELDS,
    assistant: ['name', 'tool_calls', 'reasoning_content'],
    tool: ['tool_call_id', 'name'],
  },
  parts: { system: ['text'], user: ['text', 'image_url', 'video_url'], assistant: ['text'], tool: ['text'] },
  developer: false,
  reasoning: 'reasoning_content',
  remembersReasoning: true,
  effort: (wanted) => EFFORTS[wanted] ?? wanted,
  providerTools: [],
  jsonSchema: true,
  routes: { embeddings: true, completions: true, responses: false },
};
