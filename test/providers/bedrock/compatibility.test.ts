import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ChatRequest } from '../../../src/openai-api/chat-request.js';
import type { ChatCall } from '../../../src/providers/adapter.js';
import { PARAMETERS } from '../../../src/providers/bedrock/parameters.js';
import { toConverse } from '../../../src/providers/bedrock/to-converse.js';
import { chatCall } from '../../helpers/chat-call.js';
import { PUBLISHED } from '../../helpers/published-values.js';

const page = readFileSync(new URL('../../../docs/compatibility/bedrock.md', import.meta.url), 'utf8');
const documented = Object.fromEntries(
  [...page.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name, becomes]) => [name ?? '', becomes ?? '']),
);

const MODEL = 'openai.gpt-oss-120b-1:0';
const weather = { type: 'function' as const, function: { name: 'weather' } };
/** A value for each field that asks for something. */
const WISHES: Record<string, Partial<ChatRequest>> = {
  messages: { messages: [{ role: 'user', content: 'other' }] },
  temperature: { temperature: 0.5 },
  top_p: { top_p: 0.5 },
  top_k: { top_k: 5 },
  stop: { stop: 'x' },
  tools: { tools: [weather] },
  tool_choice: { tools: [weather], tool_choice: 'required' },
  functions: { functions: [{ name: 'f' }] },
  function_call: { functions: [{ name: 'f' }, { name: 'g' }], function_call: { name: 'g' } },
  response_format: { response_format: { type: 'json_object' } },
  reasoning_effort: { reasoning_effort: 'low' },
  user: { user: 'ann' },
  safety_identifier: { safety_identifier: 'ann' },
  service_tier: { service_tier: 'flex' },
  provider_options: { provider_options: { bedrock: { guardrailConfig: { guardrailIdentifier: 'g' } } } },
  n: { n: 2 },
  modalities: { modalities: ['audio'] },
};
/** Fields that reach the translator in another way than by the request. */
const BY_CALL: Record<string, Partial<ChatCall>> = {
  model: { model: 'amazon.nova-pro-v1:0' },
  max_completion_tokens: { maxOutputTokens: 7 },
  max_tokens: { maxOutputTokens: 7 },
};
/** Fields that show elsewhere than in the body. */
const ELSEWHERE = ['model', 'stream', 'stream_options'];

function native(request: Partial<ChatRequest>, overrides: Partial<ChatCall> = {}, stream = false) {
  return toConverse(chatCall(request, { model: MODEL, ...overrides }), stream);
}

test('the page says what the table says', () => {
  expect(documented).toEqual(PARAMETERS);
});

describe('the translator does what the page says', () => {
  const base = native({});

  test.each(Object.entries(documented).filter(([name]) => name !== 'parallel_tool_calls'))(
    '%s is %s',
    (name, becomes) => {
      const wish = WISHES[name] ?? PUBLISHED[name] ?? (BY_CALL[name] ? {} : { [name]: { any: 'thing' } });
      if (becomes === 'refused') {
        expect(() => native(wish)).toThrow(expect.objectContaining({ status: 400, param: name }));
        return;
      }
      const { body, path, dropped } = native(wish, BY_CALL[name], name === 'stream');
      expect(path).toBe(name === 'stream' ? '/converse-stream' : '/converse');
      // Old forms of calls allow one at a time, which Converse can't promise.
      const noted = name === 'functions' || name === 'function_call' ? ['parallel_tool_calls'] : undefined;
      expect(dropped).toEqual(becomes === 'dropped' ? [name] : noted);
      if (becomes === 'dropped' || ELSEWHERE.includes(name)) expect(body).toBe(base.body);
      else expect(body).not.toBe(base.body);
    },
  );

  test('parallel_tool_calls is dropped', () => {
    expect(native({ tools: [weather], parallel_tool_calls: false }).dropped).toEqual(['parallel_tool_calls']);
  });
});
