import { COMMON_FIELDS, COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

const EFFORTS: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' };

/**
 * Together AI.
 *
 * Source: docs.together.ai, API reference, "Create chat completion".
 */
export const TOGETHER: CompatibleFacts = {
  name: 'together',
  baseURL: 'https://api.together.xyz/v1',
  limitField: 'max_tokens',
  fields: new Set<string>([
    ...COMMON_FIELDS.filter((field) => field !== 'max_completion_tokens'),
    'chat_template_kwargs',
    'context_length_exceeded_behavior',
    'echo',
    'min_p',
    'reasoning',
    'repetition_penalty',
    'safety_model',
    'top_k',
  ]),
  streamOptions: 'taken',
  messageFields: {
    ...COMMON_MESSAGE_FIELDS,
    assistant: ['name', 'tool_calls', 'reasoning'],
    tool: ['tool_call_id', 'name'],
  },
  parts: {
    system: ['text'],
    user: ['text', 'image_url', 'video_url', 'audio_url', 'input_audio'],
    assistant: ['text'],
    tool: ['text'],
  },
  developer: false,
  reasoning: 'reasoning',
  remembersReasoning: false,
  effort: (wanted) => (wanted === 'none' ? undefined : (EFFORTS[wanted] ?? wanted)),
  noReasoning: { reasoning: { enabled: false } },
  providerTools: [],
  jsonSchema: true,
  routes: { embeddings: true, completions: true, responses: false },
};
