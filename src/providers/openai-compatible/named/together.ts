import { COMMON_FIELDS, COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

const EFFORTS: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' };

/** Common fields that its reference does not have. */
const NOT_TAKEN: readonly string[] = ['max_completion_tokens', 'top_logprobs', 'parallel_tool_calls', 'user'];

/**
 * Together AI. Only messages of users have parts.
 *
 * Source: docs.together.ai, API reference, "Create chat completion", as the types of `together-ai` 0.52.0 have it
 * (`CompletionCreateParams`, `ChatCompletionMessageParam`).
 */
export const TOGETHER: CompatibleFacts = {
  name: 'together',
  baseURL: 'https://api.together.xyz/v1',
  limitField: 'max_tokens',
  fields: new Set<string>([
    // `stream_options` are not in the reference; the examples for the `openai` package send them
    ...COMMON_FIELDS.filter((field) => !NOT_TAKEN.includes(field)),
    'chat_template_kwargs',
    'compliance',
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
  parts: { user: ['text', 'image_url', 'video_url', 'audio_url', 'input_audio'] },
  countsLogprobs: true,
  stopList: true,
  developer: false,
  reasoning: 'reasoning',
  remembersReasoning: false,
  effort: (wanted) => (wanted === 'none' ? undefined : (EFFORTS[wanted] ?? wanted)),
  noReasoning: { reasoning: { enabled: false } },
  providerTools: [],
  jsonSchema: true,
  routes: { embeddings: true, completions: true, responses: false },
};
