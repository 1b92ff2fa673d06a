import type { CompatibleFacts } from '../facts.js';

/**
 * vLLM's server. It takes sampling fields of its own, which are passed on; tool messages hold text alone.
 *
 * Source: docs.vllm.ai, "OpenAI-compatible server" and "Reasoning outputs".
 */
export const VLLM: CompatibleFacts = {
  name: 'vllm',
  limitField: 'max_tokens',
  streamOptions: 'taken',
  developer: false,
  reasoning: 'learned',
  remembersReasoning: false,
  providerTools: [],
  jsonSchema: true,
  routes: { embeddings: true, completions: true, responses: false },
};
