import { COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

/**
 * Mistral. Bodies and messages with fields outside the schema are refused, nulls among them; ids of tool calls have nine
 * letters and digits; usage comes unasked.
 *
 * Source: docs.mistral.ai, API specification, `ChatCompletionRequest` and its messages, as the types of
 * `@mistralai/mistralai` 2.7.0 have them.
 */
export const MISTRAL: CompatibleFacts = {
  name: 'mistral',
  baseURL: 'https://api.mistral.ai/v1',
  limitField: 'max_tokens',
  fields: new Set([
    'model',
    'messages',
    'temperature',
    'top_p',
    'max_tokens',
    'stream',
    'stop',
    'random_seed',
    'metadata',
    'response_format',
    'tools',
    'tool_choice',
    'presence_penalty',
    'frequency_penalty',
    'n',
    'prediction',
    'parallel_tool_calls',
    'reasoning_effort',
    'prompt_mode',
    'guardrails',
    'prompt_cache_key',
    'service_tier',
    'safe_prompt',
  ]),
  renamed: { seed: 'random_seed' },
  streamOptions: 'refused',
  messageFields: {
    ...COMMON_MESSAGE_FIELDS,
    system: [],
    user: [],
    assistant: ['tool_calls', 'prefix'],
    tool: ['tool_call_id', 'name'],
  },
  parts: {
    system: ['text', 'thinking'],
    user: ['text', 'image_url', 'document_url', 'input_audio', 'file', 'reference'],
    assistant: ['text', 'thinking', 'reference'],
    tool: ['text', 'image_url', 'document_url', 'file', 'reference'],
  },
  developer: false,
  reasoning: 'thinking',
  remembersReasoning: false,
  effort: (wanted) => (wanted === 'none' || wanted === 'minimal' ? 'none' : 'high'),
  callIds: /^[a-zA-Z0-9]{9}$/,
  prefix: true,
  needsParameters: true,
  providerTools: [
    ...['web_search', 'web_search_premium', 'code_interpreter', 'image_generation', 'document_library', 'connector'],
  ],
  jsonSchema: true,
  routes: { embeddings: true, completions: false, responses: false },
};
