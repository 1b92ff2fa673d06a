import { COMMON_FIELDS, COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

const EFFORTS: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' };

/**
 * xAI. Reasoning may come back as it was given; what a request cost is in its usage, in ten-billionths of a USD.
 *
 * Source: docs.x.ai, API reference, "Chat completions".
 */
export const XAI: CompatibleFacts = {
  name: 'xai',
  baseURL: 'https://api.x.ai/v1',
  limitField: 'max_completion_tokens',
  fields: new Set<string>(COMMON_FIELDS),
  streamOptions: 'taken',
  messageFields: { ...COMMON_MESSAGE_FIELDS, assistant: ['name', 'tool_calls', 'reasoning_content'] },
  parts: { system: ['text'], user: ['text', 'image_url', 'file'], assistant: ['text'], tool: ['text'] },
  developer: false,
  reasoning: 'reasoning_content',
  remembersReasoning: false,
  effort: (wanted) => (wanted === 'none' ? undefined : (EFFORTS[wanted] ?? wanted)),
  providerTools: [],
  jsonSchema: true,
  reportedCost: { field: 'cost_in_usd_ticks', unitsPerUsd: 10_000_000_000 },
  routes: { embeddings: true, completions: false, responses: false },
};
