import type { CompatibleFacts } from '../facts.js';

/**
 * OpenRouter. It passes on what the model behind it knows, takes reasoning back as `reasoning_details`, and reports what
 * a request cost.
 *
 * Source: openrouter.ai, "API reference", "Reasoning tokens", "Usage accounting", "Server tools" and "Plugins", and the types
 * of `@openrouter/sdk` 1.3.19 (`ChatRequest`, `ChatAssistantMessage`, `ChatUsage`).
 */
export const OPENROUTER: CompatibleFacts = {
  name: 'openrouter',
  baseURL: 'https://openrouter.ai/api/v1',
  limitField: 'max_tokens',
  streamOptions: 'taken',
  developer: true,
  reasoning: 'reasoning_details',
  remembersReasoning: false,
  toolFields: ['plugins'],
  jsonSchema: true,
  cacheControl: true,
  reportedCost: { field: 'cost', unitsPerUsd: 1 },
  routes: { embeddings: true, completions: true, responses: false },
};
