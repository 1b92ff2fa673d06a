import { expect, it } from 'vitest';
import { compile } from '../../scripts/catalogue/compile.js';
import type { Facts, ModelFacts } from '../../scripts/catalogue/facts.js';

/** Lists of two models in the form that the facts have; USD per single unit. */
const facts: Facts = {
  prices: {
    openai: {
      'writer-2': {
        mode: 'chat',
        input_cost_per_token: 0.000002,
        output_cost_per_token: 0.000008,
        cache_read_input_token_cost: 0.0000005,
        input_cost_per_token_above_200k_tokens: 0.000004,
        output_cost_per_token_above_200k_tokens: 0.000012,
        max_input_tokens: 1_000_000,
        max_output_tokens: 32_000,
      },
      'writer-2-2026-02-01': { mode: 'chat', input_cost_per_token: 0.000002, output_cost_per_token: 0.000008 },
      'writer-1': {
        mode: 'chat',
        input_cost_per_token: 0.00001,
        output_cost_per_token: 0.00003,
        deprecation_date: '2026-10-31',
      },
      'writer-live-realtime': { mode: 'chat', input_cost_per_token: 0.1, output_cost_per_token: 0.1 },
      'unheard-mode': { mode: 'rerank', input_cost_per_token: 1 },
    },
    anthropic: {
      'poet-4': {
        mode: 'chat',
        input_cost_per_token: 0.000003,
        output_cost_per_token: 0.000015,
        cache_creation_input_token_cost: 0.00000375,
        cache_creation_input_token_cost_above_1hr: 0.000006,
        cache_read_input_token_cost: 0.0000003,
        search_context_cost_per_query: { search_context_size_high: 0.01 },
      },
    },
  },
  models: { openai: { 'writer-2': writer() } },
};

function writer(): ModelFacts {
  return {
    name: 'Writer 2',
    release_date: '2026-01-15',
    reasoning: true,
    reasoning_options: [{ type: 'effort', values: ['low', 'high'] }],
    tool_call: true,
    limit: { context: 1_000_000, output: 32_000 },
    modalities: { input: ['text', 'image'], output: ['text'] },
  };
}

const compiled = compile(facts, '2026-11-01', {});

it('turns prices of single tokens into prices of a million, with tiers and cache prices', () => {
  expect(compiled['openai']?.['writer-2']?.price).toEqual({
    input: 2,
    output: 8,
    cachedInput: 0.5,
    tiers: [{ aboveInputTokens: 200_000, input: 4, output: 12, cachedInput: 0.5 }],
  });
  expect(compiled['anthropic']?.['poet-4']?.price).toMatchObject({
    input: 3,
    output: 15,
    cachedInput: 0.3,
    cacheWrite: 3.75,
    cacheWrite1h: 6,
    units: { web_search: 0.01 },
  });
});

it('takes what is known of a model, and a dated snapshot for its model', () => {
  const known = { contextWindow: 1_000_000, maxOutputTokens: 32_000 };
  expect(compiled['openai']?.['writer-2']).toMatchObject(known);
  expect(compiled['openai']?.['writer-2-2026-02-01']).toMatchObject(known);
});

it('leaves out what was switched off by its day, live models and other modes', () => {
  expect(Object.keys(compiled['openai'] ?? {})).toEqual(['writer-2', 'writer-2-2026-02-01']);
});

it('keeps the day on which a model that no fact dates first appeared', () => {
  const later = compile(facts, '2026-12-01', compiled);
  expect(later['anthropic']?.['poet-4']?.created).toBe(compiled['anthropic']?.['poet-4']?.created);
});
