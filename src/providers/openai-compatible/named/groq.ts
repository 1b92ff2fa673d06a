import { COMMON_FIELDS, COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

/** `low` to `high` for GPT-OSS; Qwen thinks or does not. */
function effort(wanted: string, model: string): string | undefined {
  if (/qwen/i.test(model)) return wanted === 'none' ? 'none' : 'default';
  if (wanted === 'default') return wanted;
  if (wanted === 'none' || wanted === 'minimal') return 'low';
  return wanted === 'xhigh' || wanted === 'max' ? 'high' : wanted;
}

/**
 * Groq. Usage comes unasked, under `x_groq`; unknown fields of messages are refused.
 *
 * Source: console.groq.com, API reference, "Built-In Tools", and the types of `groq-sdk` 1.6.0.
 */
export const GROQ: CompatibleFacts = {
  name: 'groq',
  baseURL: 'https://api.groq.com/openai/v1',
  limitField: 'max_completion_tokens',
  fields: new Set([
    ...COMMON_FIELDS.filter((field) => field !== 'stream_options'),
    'citation_options',
    'compound_custom',
    'disable_tool_validation',
    'documents',
    'include_reasoning',
    'metadata',
    'reasoning_format',
    'search_settings',
    'service_tier',
    'store',
  ]),
  streamOptions: 'unneeded',
  messageFields: { ...COMMON_MESSAGE_FIELDS, assistant: ['name', 'tool_calls', 'reasoning'] },
  parts: {
    system: ['text'],
    user: ['text', 'image_url', 'document'],
    assistant: ['text'],
    tool: ['text', 'image_url', 'document'],
  },
  developer: true,
  reasoning: 'reasoning',
  remembersReasoning: false,
  effort,
  providerTools: ['browser_search', 'code_interpreter'],
  jsonSchema: true,
  routes: { embeddings: false, completions: false, responses: false },
};
