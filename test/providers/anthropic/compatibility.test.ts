import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ChatRequest } from '../../../src/openai-api/chat-request.js';
import type { ChatCall } from '../../../src/providers/adapter.js';
import { PARAMETERS } from '../../../src/providers/anthropic/parameters.js';
import { PUBLISHED } from '../../helpers/published-values.js';
import { publishedRequestFields } from '../../helpers/route-schemas.js';
import { native, OLD, weather } from './native-request.js';

const page = readFileSync(new URL('../../../docs/compatibility/anthropic.md', import.meta.url), 'utf8');
const documented = Object.fromEntries(
  [...page.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name, becomes]) => [name ?? '', becomes ?? '']),
);

/** A value for each field that asks for something. */
const WISHES: Record<string, Partial<ChatRequest>> = {
  model: { model: 'claude-3-haiku' },
  messages: { messages: [{ role: 'user', content: 'other' }] },
  temperature: { temperature: 0.5 },
  top_p: { top_p: 0.5 },
  top_k: { top_k: 5 },
  stop: { stop: 'x' },
  tools: { tools: [weather] },
  tool_choice: { tools: [weather], tool_choice: 'required' },
  parallel_tool_calls: { tools: [weather], parallel_tool_calls: false },
  functions: { functions: [{ name: 'f' }] },
  function_call: { functions: [{ name: 'f' }], function_call: 'none' },
  response_format: { response_format: { type: 'json_object' } },
  reasoning_effort: { reasoning_effort: 'low' },
  thinking: { thinking: { type: 'disabled' } },
  user: { user: 'ann' },
  safety_identifier: { safety_identifier: 'ann' },
  service_tier: { service_tier: 'default' },
  cache_control: { cache_control: { type: 'ephemeral' } },
  provider_options: { provider_options: { anthropic: { top_k: 3 } } },
  n: { n: 2 },
  modalities: { modalities: ['audio'] },
};
/** Fields that reach the translator in another way than by the request. */
const BY_CALL: Record<string, Partial<ChatCall>> = {
  max_completion_tokens: { maxOutputTokens: 7 },
  max_tokens: { maxOutputTokens: 7 },
};

test('the page says what the table says', () => {
  expect(documented).toEqual(PARAMETERS);
});

test('every field of the published schema is on the page', () => {
  expect(Object.keys(documented)).toEqual(expect.arrayContaining([...publishedRequestFields]));
});

describe('the translator does what the page says', () => {
  const base = native({ model: OLD });

  test.each(Object.entries(documented))('%s is %s', (name, becomes) => {
    const wish = WISHES[name] ?? PUBLISHED[name] ?? (BY_CALL[name] ? {} : { [name]: { any: 'thing' } });
    if (becomes === 'refused') {
      expect(() => native(wish)).toThrow(expect.objectContaining({ status: 400, param: name }));
      return;
    }
    const { body, dropped } = native({ model: OLD, ...wish }, BY_CALL[name], name === 'stream');
    expect(dropped).toEqual(becomes === 'dropped' ? [name] : undefined);
    if (becomes === 'dropped' || name === 'stream_options') expect(body).toBe(base.body);
    else expect(body).not.toBe(base.body);
  });
});
