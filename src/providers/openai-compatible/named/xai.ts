import { COMMON_FIELDS, COMMON_MESSAGE_FIELDS, type CompatibleFacts } from '../facts.js';

/** Models that reason, but not by an effort: Grok 4 to 4.1, 4.20 (not its agents), the ones for code. */
const NO_EFFORT = /^grok-(?:4(?:-(?!\d\.)|$)|4-1|4\.1|4\.20(?!-multi-agent)|build|code|3(?!-mini))/;
/** Models that do not reason. */
const NO_REASONING = /^grok-(?:[12]|3(?!-mini))|non-reasoning/;

/** `none` to `xhigh` from Grok 4.3 on; Grok 3 Mini has `low` and `high`. */
function effort(wanted: string, model: string): string | undefined {
  if (NO_EFFORT.test(model) || NO_REASONING.test(model)) return undefined;
  if (/^grok-3-mini/.test(model)) return /^(?:none|minimal|low)$/.test(wanted) ? 'low' : 'high';
  return wanted === 'minimal' ? 'low' : wanted === 'max' ? 'xhigh' : wanted;
}

/**
 * xAI. Reasoning may come back as it was given; what a request cost is in its usage, in ten-billionths of a USD. Models
 * that reason take neither penalties nor stops. Searching is left to its Responses API: the fields of Live Search are
 * answered with 410.
 *
 * Sources: docs.x.ai, API reference, "Chat completions", and "Reasoning"; the option schemas of `@ai-sdk/xai` 3.0
 * (efforts, `service_tier`, `cost_in_usd_ticks`); vercel/ai pull 15713 (Live Search). Refusals: "Model … does not support
 * parameter reasoningEffort", "Argument not supported on this model: presencePenalty".
 */
export const XAI: CompatibleFacts = {
  name: 'xai',
  baseURL: 'https://api.x.ai/v1',
  limitField: 'max_completion_tokens',
  fields: new Set<string>([...COMMON_FIELDS, 'service_tier']),
  streamOptions: 'taken',
  messageFields: { ...COMMON_MESSAGE_FIELDS, assistant: ['name', 'tool_calls', 'reasoning_content'] },
  parts: { system: ['text'], user: ['text', 'image_url', 'file'], assistant: ['text'], tool: ['text'] },
  developer: false,
  reasoning: 'reasoning_content',
  remembersReasoning: false,
  effort,
  refuses: (model) => (NO_REASONING.test(model) ? [] : ['presence_penalty', 'frequency_penalty', 'stop']),
  providerTools: [],
  jsonSchema: true,
  reportedCost: { field: 'cost_in_usd_ticks', unitsPerUsd: 10_000_000_000 },
  routes: { embeddings: true, completions: false, responses: false },
};
