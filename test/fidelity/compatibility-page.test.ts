import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/openai-api/chat-request.js';
import type { ChatCall } from '../../src/providers/adapter.js';
import { PARAMETERS as ANTHROPIC } from '../../src/providers/anthropic/parameters.js';
import { PARAMETERS as GOOGLE } from '../../src/providers/google/parameters.js';
import type { NativeRequest } from '../../src/providers/http/http-provider.js';
import { toRequest as toOpenAI } from '../../src/providers/openai/to-request.js';
import { endpointFields } from '../../src/providers/openai-compatible/allowed-fields.js';
import { UNKNOWN } from '../../src/providers/openai-compatible/facts.js';
import { LearnedFields } from '../../src/providers/openai-compatible/learned-fields.js';
import { reasoningMemory } from '../../src/providers/openai-compatible/reasoning-memory.js';
import { toRequest as toCompatible } from '../../src/providers/openai-compatible/to-request.js';
import { fakeCall } from '../helpers/fake-call.js';
import { PUBLISHED } from '../helpers/published-values.js';
import { publishedRequestFields } from '../helpers/route-schemas.js';

const page = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$/gm)].map(
  ([, name = '', openai = '', compatible = '', anthropic = '', google = '']) => ({
    name,
    openai,
    compatible,
    anthropic,
    google,
  }),
);

/** A use of each field that is translated; any value shows that a field is kept or dropped. */
const USES: Readonly<Record<string, Partial<ChatRequest>>> = {
  model: { model: 'other' },
  messages: { messages: [{ role: 'assistant', content: 'x', reasoning_content: 'y' }] },
  stream: { stream: true },
  stream_options: { stream: true, stream_options: { include_obfuscation: false } },
  user: { user: 'ann' },
  safety_identifier: { safety_identifier: 'ann' },
  prompt_cache_key: { prompt_cache_key: 'k' },
  max_tokens: { max_tokens: 5 },
  max_completion_tokens: { max_completion_tokens: 5 },
  functions: { functions: [{ name: 'f' }] },
  thinking: { thinking: { type: 'enabled' } },
  cache_control: { cache_control: { type: 'ephemeral' } },
  service_tier: { service_tier: 'flex' },
  prompt_cache_options: { prompt_cache_options: { mode: 'explicit' } },
  function_call: { functions: [{ name: 'f' }], function_call: 'none' },
  prediction: { prediction: { type: 'content', content: 'x' } },
};

/** Fields that hold objects of any form as far as a translator is concerned. */
const OBJECTS: ReadonlySet<string> = new Set([
  ...['tools', 'tool_choice', 'response_format', 'audio', 'web_search_options', 'metadata', 'logit_bias'],
]);

/** The fields in which the deprecated ones go on. */
const SUCCESSORS: Readonly<Record<string, string>> = { functions: 'tools', function_call: 'tool_choice' };

interface Style {
  readonly name: string;
  readonly limitField: string;
  readonly translate: (call: ChatCall, stream: boolean) => NativeRequest;
}

const ENDPOINT = { facts: UNKNOWN, fields: endpointFields(), learned: new LearnedFields(), memory: reasoningMemory() };

describe('the compatibility page', () => {
  it('lists every field of the published schema and of every translator once', () => {
    const listed = rows.map(({ name }) => name);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toEqual(expect.arrayContaining([...Object.keys(ANTHROPIC), ...Object.keys(GOOGLE)]));
    expect(listed).toEqual(expect.arrayContaining([...publishedRequestFields]));
  });

  it('says of Anthropic and Gemini what their translators are tested for', () => {
    for (const { name, anthropic, google } of rows) {
      expect([name, anthropic]).toEqual([name, ANTHROPIC[name] ?? 'dropped']);
      expect([name, google]).toEqual([name, GOOGLE[name] ?? 'dropped']);
    }
  });

  describe.each([
    ['openai', { name: 'openai', limitField: 'max_completion_tokens', translate: toOpenAI }],
    [
      'compatible',
      { ...UNKNOWN, translate: (call: ChatCall, stream: boolean) => toCompatible(call, stream, ENDPOINT) },
    ],
  ] as [column: 'openai' | 'compatible', style: Style][])('of %s', (column, style) => {
    it.each(rows.map((row) => [row.name, row[column]]))('is right about %s: %s', (name, outcome) => {
      if (name === 'provider_options') {
        const merged = translate({ provider_options: { [style.name]: { seed: 5 } } }, style);
        expect(merged.body).toMatchObject({ seed: 5 });
        expect(merged.body).not.toHaveProperty(name);
        return;
      }
      const use = USES[name] ?? PUBLISHED[name] ?? { [name]: OBJECTS.has(name) ? { any: 'thing' } : 'thing' };
      const { body, dropped } = translate(use, style);
      expect(dropped).toEqual(outcome === 'dropped' ? [name] : []);
      const sentAs = name === 'max_completion_tokens' ? style.limitField : name;
      if (outcome === 'kept') expect(body[sentAs]).toEqual(use[name]);
      else if (outcome === 'dropped') expect(body).not.toHaveProperty(name);
      else {
        const native = SUCCESSORS[name] ?? name;
        expect(body).toHaveProperty(native);
        expect(body[native]).not.toEqual(use[native]);
      }
    });
  });
});

function translate(use: Partial<ChatRequest>, style: Style) {
  const request: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...use };
  const limit = request.max_completion_tokens ?? request.max_tokens;
  const call = fakeCall({ request, ...(limit !== undefined && { maxOutputTokens: limit }) });
  const native = style.translate(call, request.stream === true);
  return { body: JSON.parse(String(native.body)) as Record<string, unknown>, dropped: native.dropped ?? [] };
}
