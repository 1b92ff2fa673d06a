import { COMMON_FIELDS, COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

const EFFORTS: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' };

/**
 * Ollama's endpoint in OpenAI's format, on the same machine by default.
 *
 * Source: docs.ollama.com, "OpenAI compatibility".
 */
export const OLLAMA: CompatibleFacts = {
  name: 'ollama',
  baseURL: 'http://127.0.0.1:11434/v1',
  limitField: 'max_tokens',
  fields: new Set<string>([...COMMON_FIELDS, 'reasoning']),
  streamOptions: 'taken',
  messageFields: { ...COMMON_MESSAGE_FIELDS, assistant: ['tool_calls', 'reasoning'], tool: ['tool_call_id', 'name'] },
  parts: { system: ['text'], user: ['text', 'image_url'], assistant: ['text'], tool: ['text'] },
  developer: false,
  reasoning: 'reasoning',
  remembersReasoning: false,
  effort: (wanted) => EFFORTS[wanted] ?? wanted,
  providerTools: [],
  jsonSchema: true,
  routes: { embeddings: true, completions: true, responses: false },
};
