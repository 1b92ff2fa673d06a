import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import type { ChatRequest } from '../../../src/openai-api/chat-request.js';
import { parseChatRequest } from '../../../src/openai-api/parse-chat-request.js';
import { anthropicDialect } from '../../../src/providers/anthropic/index.js';
import { chatCall } from '../../helpers/chat-call.js';
import { ADAPTIVE, bodyOf, droppedOf, native, OLD, user, weather } from './native-request.js';

const ephemeral = { type: 'ephemeral' } as const;

describe('the request', () => {
  test('goes to the upstream model, and streams only when asked', () => {
    expect(native({}).path).toBe('/v1/messages');
    expect(bodyOf({ model: 'alias' }, { model: OLD }).model).toBe(OLD);
    expect(bodyOf({})).not.toHaveProperty('stream');
    expect(bodyOf({}, {}, true).stream).toBe(true);
  });

  test.each<[Partial<ChatRequest>, object]>([
    [{ stop: 'END' }, { stop_sequences: ['END'] }],
    [{ stop: ['a', ' ', 'b'] }, { stop_sequences: ['a', 'b'] }],
    [{ service_tier: 'auto' }, { service_tier: 'auto' }],
    [{ service_tier: 'default' }, { service_tier: 'standard_only' }],
    [{ service_tier: 'flex' }, { service_tier: 'auto' }],
  ])('%j', (request, expected) => {
    expect(bodyOf(request)).toMatchObject(expected);
  });

  test('stop sequences of white space alone are left out and reported', () => {
    expect(bodyOf({ stop: '\n' })).not.toHaveProperty('stop_sequences');
    expect(droppedOf({ stop: '\n' })).toEqual(['stop']);
  });

  test("an end user's id is a digest: stable, different per account, and without what it was", () => {
    const idOf = (request: Partial<ChatRequest>, accountId = 'a') => bodyOf(request, { accountId }).metadata?.user_id;
    expect(idOf({ user: 'ann@example.com' })).toMatch(/^[\w-]{1,256}$/);
    expect(idOf({ user: 'ann@example.com' })).not.toContain('ann');
    expect(idOf({ user: 'ann' })).toBe(idOf({ user: 'ann' }));
    expect(idOf({ user: 'ann' })).not.toBe(idOf({ user: 'ann' }, 'b'));
    expect(idOf({ user: 'ann', safety_identifier: 'bob' })).toBe(idOf({ user: 'bob' }));
    expect(idOf({})).toBeUndefined();
  });
});

describe('what Anthropic has no place for', () => {
  const everything: Partial<ChatRequest> = {
    seed: 1,
    logprobs: true,
    top_logprobs: 2,
    logit_bias: { 5: 1 },
    frequency_penalty: 0.5,
    presence_penalty: 0.5,
    prediction: { type: 'content', content: 'x' },
    store: true,
    verbosity: 'low',
    metadata: { a: 'b' },
    prompt_cache_key: 'k',
    made_up: 1,
  };

  test('is named under the policy warn', () => {
    expect(droppedOf(everything)).toEqual(Object.keys(everything));
  });

  test('is left out silently under the policy drop', () => {
    expect(native(everything, { unsupported: 'drop' })).not.toHaveProperty('dropped');
  });

  test.each(Object.entries(everything))('is refused under the policy error: %s', (name, value) => {
    expect(() => native({ [name]: value }, { unsupported: 'error' })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', status: 400, param: name }),
    );
  });

  test('the policy error names the exact place', () => {
    const messages = [user('a'), { role: 'user', content: 'b', name: 'ann' } as const];
    expect(() => native({ messages }, { unsupported: 'error' })).toThrow(
      expect.objectContaining({ param: 'messages[1].name' }),
    );
  });

  test('is not worth a word when it asks for nothing', () => {
    const request = {
      n: 1,
      logprobs: false,
      top_logprobs: 0,
      logit_bias: {},
      frequency_penalty: 0,
      presence_penalty: 0,
      store: false,
    };
    expect(droppedOf({ ...request, modalities: ['text'], verbosity: 'medium', metadata: {} })).toEqual([]);
  });

  test('never leaves the body', () => {
    expect(bodyOf(everything)).toEqual(bodyOf({}));
  });

  test('is named whatever its name', () => {
    expect(droppedOf({ constructor: 1 } as Partial<ChatRequest>)).toEqual(['constructor']);
  });

  test('can not break a header', () => {
    expect(droppedOf({ 'a\r\nb: c': 1 })).toEqual(['a__b__c']);
  });
});

describe('what would change the meaning is refused under every policy', () => {
  test.each<[string, Partial<ChatRequest>]>([
    ['n', { n: 2 }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['audio', { audio: { voice: 'alloy', format: 'wav' } }],
    ['web_search_options', { web_search_options: {} }],
  ])('%s', (param, request) => {
    for (const unsupported of ['warn', 'drop', 'error'] as const) {
      expect(() => native(request, { unsupported })).toThrow(expect.objectContaining({ status: 400, param }));
    }
  });
});

describe('any request that passes the parser', () => {
  const wild = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant({ toString: 1, type: { toString: 1 } }));
  const marked = fc.record(
    { type: fc.constant('text'), text: fc.string(), cache_control: wild },
    { requiredKeys: ['type', 'text'] },
  );
  const assistant = fc.record(
    {
      role: fc.constant('assistant'),
      content: fc.oneof(fc.string(), fc.array(marked)),
      tool_calls: fc.array(
        fc.record({
          id: fc.string(),
          type: fc.constant('function'),
          function: fc.record({ name: fc.string(), arguments: fc.oneof(fc.string(), fc.json()) }),
        }),
      ),
      reasoning_details: fc.array(
        fc.record({
          type: fc.constantFrom('reasoning.text', 'reasoning.encrypted', 'anthropic.block', 'x'),
          text: wild,
          signature: wild,
          data: wild,
          block: fc.oneof(wild, fc.record({ type: fc.constant('server_tool_use'), cache_control: wild })),
          content_offset: wild,
          format: fc.constantFrom('anthropic-claude-v1', null, 5),
        }),
      ),
      thinking_blocks: fc.array(fc.dictionary(fc.constantFrom('type', 'thinking', 'signature', 'data'), wild)),
      cache_control: wild,
    },
    { requiredKeys: ['role', 'content'] },
  );
  const message = fc.oneof(
    fc.record({
      role: fc.constantFrom('user', 'system', 'developer'),
      content: fc.oneof(fc.string(), fc.array(marked)),
    }),
    assistant,
    fc.record({ role: fc.constant('tool'), tool_call_id: fc.string(), content: fc.string() }),
    fc.record({ role: fc.constant('function'), name: fc.string(), content: fc.string() }),
  );
  const request = fc.record(
    {
      model: fc.constantFrom(ADAPTIVE, OLD, 'claude-sonnet-4-5', 'x'),
      messages: fc.array(message, { minLength: 1 }),
      tools: fc.array(
        fc.record({
          type: fc.constant('function'),
          function: fc.record({
            name: fc.string(),
            parameters: fc.dictionary(fc.string(), wild),
            strict: fc.boolean(),
          }),
          cache_control: wild,
        }),
      ),
      tool_choice: fc.constantFrom('auto', 'required', 'none'),
      response_format: fc.record({
        type: fc.constant('json_schema'),
        json_schema: fc.record({ name: fc.string({ minLength: 1 }), schema: fc.dictionary(fc.string(), wild) }),
      }),
      reasoning_effort: fc.constantFrom('none', 'low', 'max'),
      thinking: wild,
      cache_control: wild,
      provider_options: fc.record({
        anthropic: fc.oneof(
          wild,
          fc.dictionary(fc.constantFrom('tools', 'system', 'thinking', 'betas', 'metadata', 'max_tokens'), wild),
        ),
      }),
      odd: wild,
    },
    { requiredKeys: ['model', 'messages'] },
  );

  test('is translated or refused, never broken by, and never changed', () => {
    fc.assert(
      fc.property(request, (given) => {
        let parsed: ChatRequest;
        try {
          parsed = parseChatRequest(given);
        } catch {
          return;
        }
        const before = JSON.stringify(parsed);
        try {
          const body = bodyOf(parsed);
          expect(body.messages.length).toBeGreaterThan(0);
          expect(body.max_tokens).toBeGreaterThanOrEqual(0);
        } catch (thrown) {
          if (!GatewayError.isInstance(thrown)) throw thrown;
          expect(thrown.status).toBe(400);
        }
        expect(JSON.stringify(parsed)).toBe(before);
      }),
      { numRuns: 300 },
    );
  });
});

describe('cache breakpoints', () => {
  test('stand on parts and on the last block of a message, and never on thinking', () => {
    const body = bodyOf({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a', cache_control: ephemeral },
            { type: 'text', text: 'b' },
          ],
        },
        {
          role: 'assistant',
          thinking_blocks: [{ type: 'thinking', thinking: 't', signature: 's' }],
          cache_control: { type: 'ephemeral', ttl: '1h' },
        },
        { role: 'user', content: [{ type: 'text', text: 'c', prompt_cache_breakpoint: { mode: 'explicit' } }] },
      ],
    });
    expect(body.messages.flatMap(({ content }) => content)).toEqual([
      { type: 'text', text: 'a', cache_control: ephemeral },
      { type: 'text', text: 'b' },
      { type: 'thinking', thinking: 't', signature: 's' },
      { type: 'text', text: 'c', cache_control: ephemeral },
    ]);
  });

  test('inside a tool result move to the result', () => {
    const part = { type: 'text', text: 'x', cache_control: ephemeral } as const;
    const body = bodyOf({
      messages: [
        user('go'),
        { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'a', content: [part] },
      ],
    });
    expect(body.messages[2]?.content).toEqual([
      { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'x' }], cache_control: ephemeral },
    ]);
  });

  test('beyond four are left out, the earliest first', () => {
    const part = (text: string) => ({ type: 'text', text, cache_control: ephemeral }) as const;
    const request: Partial<ChatRequest> = {
      tools: [{ ...weather, cache_control: ephemeral }],
      messages: [
        { role: 'system', content: [part('s')] },
        { role: 'user', content: ['a', 'b', 'c'].map(part) },
      ],
    };
    expect(JSON.stringify(bodyOf(request)).split('"cache_control"')).toHaveLength(5);
    expect(bodyOf(request).tools?.[0]).not.toHaveProperty('cache_control');
    expect(droppedOf(request)).toEqual(['cache_control']);
    expect(JSON.stringify(bodyOf({ ...request, cache_control: ephemeral })).split('"cache_control"')).toHaveLength(5);
  });
});

describe('provider_options.anthropic', () => {
  const merged = (anthropic: Record<string, unknown>, request: Partial<ChatRequest> = {}) =>
    bodyOf({ ...request, provider_options: { anthropic } });

  test('is merged last: its keys win, objects are merged', () => {
    const body = merged(
      { temperature: 0.5, output_config: { effort: 'max' }, context_management: { edits: [] } },
      {
        model: ADAPTIVE,
        reasoning_effort: 'low',
        response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {} } },
      },
    );
    expect(body).toMatchObject({
      temperature: 0.5,
      context_management: { edits: [] },
      output_config: { effort: 'max', format: {} },
    });
  });

  test('an object of another type replaces instead of mixing', () => {
    const body = merged({ tool_choice: { type: 'any' } }, { tools: [weather], parallel_tool_calls: false });
    expect(body.tool_choice).toEqual({ type: 'any' });
  });

  test('native tools are added to the translated ones', () => {
    const body = merged({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, { tools: [weather] });
    expect(body.tools?.map(({ name }) => name)).toEqual(['weather', 'web_search']);
  });

  test('betas go into the header, beside those of the endpoint', () => {
    const dialect = anthropicDialect({ betas: ['one'] });
    const request = dialect.toRequest(
      chatCall({ provider_options: { anthropic: { betas: ['two', 'x\r\ny', 'one'] } } }),
      false,
    );
    expect(request.headers).toEqual({ 'anthropic-beta': 'one,two' });
    expect(String(request.body)).not.toContain('betas');
  });

  test.each([
    ...['model', 'messages', 'system', 'stream', 'speed', 'inference_geo', 'container', 'mcp_servers', 'metadata'],
    ...['fallbacks', 'anthropic_version', 'made_up'],
  ])('can not set %s, which could cost what was not held', (name) => {
    expect(() => merged(JSON.parse(`{"${name}":"x"}`))).toThrow(
      expect.objectContaining({ status: 400, param: `provider_options.anthropic.${name}` }),
    );
  });

  test.each([
    ['a model in a tool', { tools: [{ type: 'web_search_20250305', name: 's', model: 'x' }] }, 'tools[0].model'],
    ['a tool that asks another model', { tools: [{ type: 'advisor_20260301', name: 'a' }] }, 'tools[0].type'],
    [
      'a field in the format',
      { output_config: { format: { type: 'json_schema', model: 'x' } } },
      'output_config.format.model',
    ],
    ['an object for a value', { temperature: { model: 'x' } }, 'temperature'],
    ['an object in a list of values', { stop_sequences: ['a', { model: 'x' }] }, 'stop_sequences[1]'],
    ['a beta that costs more', { betas: ['a', 'fast-mode-2026-02-01'] }, 'betas[1]'],
  ])('can not hold %s', (_, options, path) => {
    expect(() => merged(options)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: `provider_options.anthropic.${path}` }),
    );
  });

  test('can lower the output limit, not raise it', () => {
    expect(merged({ max_tokens: 5 }, { model: OLD }).max_tokens).toBe(5);
    expect(bodyOf({ provider_options: { anthropic: { max_tokens: 50 } } }, { maxOutputTokens: 7 }).max_tokens).toBe(7);
  });

  test('stays as the client sent it, even where a breakpoint is left out', () => {
    const tool = () => ({ type: 'bash_20250124', name: 'bash', cache_control: { type: 'ephemeral' } });
    const tools = Array.from({ length: 5 }, tool);
    expect(JSON.stringify(merged({ tools })).split('"cache_control"')).toHaveLength(5);
    expect(tools).toEqual(Array.from({ length: 5 }, tool));
  });

  test('that is no object is refused', () => {
    const request = { provider_options: { anthropic: 'x' } } as unknown as Partial<ChatRequest>;
    expect(() => native(request)).toThrow(
      expect.objectContaining({ status: 400, param: 'provider_options.anthropic' }),
    );
  });

  test('does not reach the prototype of anything', () => {
    const schema = JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, unknown>;
    merged({ output_config: { format: { type: 'json_schema', schema } } }, { model: ADAPTIVE });
    expect({}).not.toHaveProperty('polluted');
  });

  test("of another provider is none of Anthropic's business", () => {
    expect(bodyOf({ provider_options: { google: { a: 1 } } })).toEqual(bodyOf({}));
  });
});
