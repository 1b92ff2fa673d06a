import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PARAMETERS } from '../../src/ai-sdk/parameters.js';
import { toCallOptions } from '../../src/ai-sdk/to-call-options.js';
import type { ChatRequest } from '../../src/openai-api/chat-request.js';
import { chatCall } from '../helpers/chat-call.js';
import { PUBLISHED } from '../helpers/published-values.js';

const page = readFileSync(new URL('../../docs/compatibility/ai-sdk.md', import.meta.url), 'utf8');
const documented = [...page.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(
  ([, name = '', becomes = '']) => [name, becomes] as const,
);

const tools = [{ type: 'function' as const, function: { name: 'weather' } }];
/** A value for each field that asks for something. */
const WISHES: Readonly<Record<string, Partial<ChatRequest>>> = {
  messages: { messages: [{ role: 'user', content: 'other' }] },
  stop: { stop: 'x' },
  seed: { seed: 7 },
  tools: { tools },
  tool_choice: { tools, tool_choice: 'required' },
  functions: { functions: [{ name: 'f' }] },
  function_call: { function_call: 'auto' },
  provider_options: { provider_options: { openai: { store: false } } },
  n: { n: 2 },
  modalities: { modalities: ['audio'] },
};
/** Fields that reach the SDK in another way than by these options. */
const ELSEWHERE = ['model', 'stream', 'stream_options', 'max_completion_tokens', 'max_tokens'];
const UNREPORTED = ['user', 'safety_identifier'];

const optionsOf = (request: Partial<ChatRequest>) => {
  const { options, dropped } = toCallOptions(chatCall(request));
  const { abortSignal: _, ...rest } = options;
  return { options: rest, dropped };
};

test('the page says what the table says', () => {
  expect(documented.length).toBeGreaterThan(40);
  for (const [name, becomes] of documented) expect([name, becomes]).toEqual([name, PARAMETERS[name] ?? 'dropped']);
});

test.each(documented.filter(([name]) => !ELSEWHERE.includes(name)))('%s is %s', (name, becomes) => {
  const wish = WISHES[name] ?? PUBLISHED[name] ?? { [name]: { any: 'thing' } };
  if (becomes === 'refused') {
    expect(() => optionsOf(wish)).toThrow(expect.objectContaining({ status: 400, param: name }));
    return;
  }
  const { options, dropped } = optionsOf(wish);
  expect(dropped).toEqual(becomes === 'dropped' && !UNREPORTED.includes(name) ? [name] : []);
  if (becomes === 'dropped') expect(options).toEqual(optionsOf({}).options);
  else expect(options).not.toEqual(optionsOf({}).options);
});
