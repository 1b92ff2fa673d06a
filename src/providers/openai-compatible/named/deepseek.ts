import { COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

const EFFORTS: Readonly<Record<string, string>> = { minimal: 'low', medium: 'high', xhigh: 'max' };

/**
 * DeepSeek. In thinking mode a tool call must come back with its reasoning; there are no pictures and no schemas for
 * output.
 *
 * Source: api-docs.deepseek.com, "Create Chat Completion" and "Thinking Mode"; an empty text is no reasoning to it, a space
 * is (diegosouzapw/OmniRoute pull 3632, NousResearch/hermes-agent pull 15325).
 */
export const DEEPSEEK: CompatibleFacts = {
  name: 'deepseek',
  baseURL: 'https://api.deepseek.com',
  limitField: 'max_tokens',
  fields: new Set([
    'model',
    'messages',
    'thinking',
    'frequency_penalty',
    'max_tokens',
    'presence_penalty',
    'reasoning_effort',
    'response_format',
    'stop',
    'stream',
    'stream_options',
    'temperature',
    'top_p',
    'tools',
    'tool_choice',
    'logprobs',
    'top_logprobs',
  ]),
  streamOptions: 'taken',
  messageFields: { ...COMMON_MESSAGE_FIELDS, assistant: ['name', 'tool_calls', 'reasoning_content', 'prefix'] },
  parts: {},
  developer: false,
  reasoning: 'reasoning_content',
  remembersReasoning: true,
  lostReasoning: ' ',
  effort: (wanted) => EFFORTS[wanted] ?? wanted,
  noReasoning: { thinking: { type: 'disabled' } },
  providerTools: [],
  jsonSchema: false,
  routes: { embeddings: false, completions: false, responses: false },
};
