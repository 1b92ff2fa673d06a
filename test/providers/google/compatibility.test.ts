import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PARAMETERS } from '../../../src/providers/google/parameters.js';
import { chatCall, countingDialect } from './support/call.js';

const page = readFileSync(new URL('../../../docs/compatibility/google.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` +\| (\w+) +\|/gm)].map(
  ([, name = '', outcome = '']) => [name, outcome] as const,
);

const tools = [{ type: 'function', function: { name: 'f' } }];
const user = { role: 'user', content: 'Hi' };

/** A use of each field that asks for something, on a model that can do it where any can. */
const USES: Record<string, Record<string, unknown>> = {
  model: { model: 'gemini-3-flash-preview' },
  messages: { messages: [{ role: 'system', content: 'x' }, user] },
  stream: { stream: true },
  stream_options: { stream_options: { include_usage: true } },
  max_completion_tokens: { max_completion_tokens: 5 },
  max_tokens: { max_tokens: 5 },
  temperature: { temperature: 0.1 },
  top_p: { top_p: 0.1 },
  top_k: { top_k: 3 },
  stop: { stop: 'x' },
  seed: { seed: 1 },
  presence_penalty: { model: 'gemini-2.0-flash', presence_penalty: 1 },
  frequency_penalty: { model: 'gemini-2.0-flash', frequency_penalty: 1 },
  logprobs: { logprobs: true },
  top_logprobs: { logprobs: true, top_logprobs: 2 },
  tools: { tools },
  tool_choice: { tools, tool_choice: 'required' },
  functions: { functions: [{ name: 'f' }] },
  function_call: { functions: [{ name: 'f' }], function_call: { name: 'f' } },
  response_format: { response_format: { type: 'json_object' } },
  reasoning_effort: { reasoning_effort: 'low' },
  modalities: { modalities: ['text', 'image'] },
  web_search_options: { web_search_options: {} },
  service_tier: { service_tier: 'flex' },
  safety_settings: { safety_settings: [{}] },
  provider_options: { provider_options: { google: { labels: { a: 'b' } } } },
  extra_body: { extra_body: { google: { labels: { a: 'b' } } } },
  n: { n: 2 },
  parallel_tool_calls: { tools, parallel_tool_calls: false },
  audio: { audio: { voice: 'x', format: 'mp3' } },
  logit_bias: { logit_bias: { 1: 1 } },
  prediction: { prediction: { type: 'content', content: 'x' } },
  verbosity: { verbosity: 'low' },
  user: { user: 'x' },
  safety_identifier: { safety_identifier: 'x' },
  metadata: { metadata: { a: 'b' } },
  store: { store: true },
  prompt_cache_key: { prompt_cache_key: 'x' },
  prompt_cache_retention: { prompt_cache_retention: '24h' },
  prompt_cache_options: { prompt_cache_options: { mode: 'implicit' } },
  moderation: { moderation: { model: 'x' } },
};

/** Fields that the gateway or the path carries, not the body. */
const NOT_IN_BODY = new Set(['model', 'stream', 'stream_options', 'max_completion_tokens', 'max_tokens']);

function translate(request: Record<string, unknown>) {
  const native = countingDialect().toRequest(chatCall(request), false);
  return { body: String(native.body), dropped: native.dropped ?? [] };
}

describe('the compatibility page', () => {
  it('lists each field of the translator once, with its outcome', () => {
    expect(Object.fromEntries(rows)).toEqual(PARAMETERS);
    expect(rows).toHaveLength(Object.keys(PARAMETERS).length);
    expect(Object.keys(USES).sort()).toEqual(Object.keys(PARAMETERS).sort());
  });

  it.each(rows)('is right about %s: %s', (name, outcome) => {
    const use = USES[name] ?? {};
    if (outcome === 'refused') {
      expect(() => translate(use)).toThrow(expect.objectContaining({ status: 400, param: name }));
      return;
    }
    const { [name]: _, ...without } = use;
    const base = translate(name === 'messages' || name === 'model' ? {} : without);
    const { body, dropped } = translate(use);
    expect(dropped).toEqual(outcome === 'dropped' ? [name] : []);
    if (outcome === 'dropped') expect(body).toBe(base.body);
    else if (!NOT_IN_BODY.has(name)) expect(body).not.toBe(base.body);
  });
});
