import type { AllowedFields } from '../allowed-fields.js';

const CACHE_CONTROL: AllowedFields = { type: 'value', ttl: 'value' };

/** Tools that the client declares or that Anthropic knows; none of their fields names a model or a server. */
const TOOL: AllowedFields = {
  type: 'value',
  name: 'value',
  description: 'value',
  input_schema: 'json',
  input_examples: 'json',
  strict: 'value',
  cache_control: CACHE_CONTROL,
  defer_loading: 'value',
  eager_input_streaming: 'value',
  allowed_callers: 'value',
  max_uses: 'value',
  max_content_tokens: 'value',
  allowed_domains: 'value',
  blocked_domains: 'value',
  user_location: { type: 'value', city: 'value', region: 'value', country: 'value', timezone: 'value' },
  citations: { enabled: 'value' },
  use_cache: 'value',
  display_width_px: 'value',
  display_height_px: 'value',
  display_number: 'value',
  enable_zoom: 'value',
  max_characters: 'value',
};

/**
 * Native fields that a client may set. Not among them: other models and servers (`container`, `mcp_servers`, `fallbacks`),
 * contents, and whatever costs more (`speed`, `inference_geo`).
 *
 * Source: the Anthropic API reference, `POST /v1/messages`.
 */
export const ALLOWED: AllowedFields = {
  betas: 'value',
  max_tokens: 'value',
  temperature: 'value',
  top_p: 'value',
  top_k: 'value',
  stop_sequences: 'value',
  thinking: { type: 'value', budget_tokens: 'value', display: 'value' },
  output_config: {
    effort: 'value',
    format: { type: 'value', schema: 'json' },
    task_budget: { type: 'value', total: 'value', remaining: 'value' },
  },
  output_format: { type: 'value', schema: 'json' },
  tools: [TOOL],
  tool_choice: { type: 'value', name: 'value', disable_parallel_tool_use: 'value' },
  cache_control: CACHE_CONTROL,
  context_management: {
    edits: [
      {
        type: 'value',
        trigger: { type: 'value', value: 'value' },
        keep: { type: 'value', value: 'value' },
        clear_at_least: { type: 'value', value: 'value' },
        clear_tool_inputs: 'value',
        exclude_tools: 'value',
        instructions: 'value',
        pause_after_compaction: 'value',
      },
    ],
  },
};

/** Tool types that run another model, whose price is not the request's. Source: Anthropic docs, advisor tool. */
export const OTHER_MODELS = /^advisor/;

/** Betas that make a request cost more than its tokens say. Source: Anthropic docs, fast mode. */
export const COSTLY_BETAS = /^(?:fast-mode|advisor|mcp|managed)/;
