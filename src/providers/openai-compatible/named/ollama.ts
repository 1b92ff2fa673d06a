import { COMMON_FIELDS, COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

const EFFORTS: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' };

/** Fields that its page lists as not supported, or not at all. */
const NOT_READ: readonly string[] = [
  ...['max_completion_tokens', 'n', 'logit_bias', 'user', 'tool_choice', 'parallel_tool_calls'],
];

/**
 * Ollama's endpoint in OpenAI's format, on the same machine by default.
 *
 * Source: docs.ollama.com, "OpenAI compatibility", and `ChatCompletionRequest` in ollama/ollama, `openai/openai.go`.
 */
export const OLLAMA: CompatibleFacts = {
  name: 'ollama',
  baseURL: 'http://127.0.0.1:11434/v1',
  limitField: 'max_tokens',
  fields: new Set<string>([...COMMON_FIELDS.filter((field) => !NOT_READ.includes(field)), 'reasoning']),
  streamOptions: 'taken',
  messageFields: { ...COMMON_MESSAGE_FIELDS, assistant: ['tool_calls', 'reasoning'], tool: ['tool_call_id', 'name'] },
  parts: { system: ['text'], user: ['text', 'image_url', 'video_url'], assistant: ['text'], tool: ['text'] },
  developer: false,
  reasoning: 'reasoning',
  remembersReasoning: false,
  effort: (wanted) => EFFORTS[wanted] ?? wanted,
  providerTools: [],
  jsonSchema: true,
  routes: { embeddings: true, completions: true, responses: false },
};
