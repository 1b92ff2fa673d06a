import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, HI, type Json, type Reported, reported, tool } from './reported.js';

let site: Reported;
/** Where nothing may be dropped. */
let strict: Reported;
beforeAll(async () => {
  site = await reported();
  strict = await reported({ unsupported: 'error' });
});
afterAll(async () => {
  await site.close();
  await strict.close();
});

const call = (id: string, name = 'f') => ({ id, type: 'function', function: { name, arguments: '{}' } });
const optional = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`o${i}`, { type: 'string' }]));
const strictTool = (name: string, properties: object = {}, required = Object.keys(properties)) =>
  tool(name, { strict: true, parameters: { type: 'object', properties, required, additionalProperties: false } });

describe('schemas that Anthropic refuses at the root', () => {
  const either = {
    type: 'object',
    properties: { route: { type: 'string' }, file: { type: 'string' } },
    anyOf: [{ required: ['route'] }, { required: ['file'] }],
  };

  it.each(['tools', 'functions'])('lose their union, in %s', async (field) => {
    const definition = { name: 'api_impact', parameters: either };
    const wish =
      field === 'tools' ? { tools: [{ type: 'function', function: definition }] } : { functions: [definition] };
    const { sent, status } = await site.ask({ model: 'claude', messages: [HI], ...wish });
    expect(status).toBe(200);
    expect(at(sent[0], 'tools.0.input_schema')).toEqual({
      type: 'object',
      properties: { route: { type: 'string' }, file: { type: 'string' } },
      description: 'Give one of these sets of fields: route; file.',
    });
  });

  it('lose it in tools of /responses and in strict ones', async () => {
    const body = {
      model: 'claude',
      input: 'hi',
      tools: [{ type: 'function', name: 'f', parameters: either, strict: true }],
    };
    const { sent } = await site.ask(body, 'responses');
    const schema = at(sent[0], 'tools.0.input_schema') as Json;
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    for (const keyword of ['anyOf', 'oneOf', 'allOf']) expect(schema).not.toHaveProperty(keyword);
  });

  it('keep what all branches require, fold allOf, and inline a reference', async () => {
    const shared = { properties: { id: { type: 'string' } }, required: ['id'] };
    const parameters = {
      $ref: '#/$defs/Root',
      $defs: {
        Root: {
          allOf: [shared],
          oneOf: [
            { type: 'object', properties: { kind: { const: 'a' }, x: { type: 'number' } }, required: ['kind', 'x'] },
            { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] },
          ],
        },
      },
    };
    const { sent } = await site.ask({ model: 'claude', messages: [HI], tools: [tool('f', { parameters })] });
    expect(at(sent[0], 'tools.0.input_schema')).toMatchObject({
      type: 'object',
      properties: { id: { type: 'string' }, kind: { anyOf: [{ const: 'a' }, { const: 'b' }] }, x: { type: 'number' } },
      required: ['id', 'kind'],
    });
    expect(at(sent[0], 'tools.0.input_schema')).not.toHaveProperty('oneOf');
  });

  it('lose it in the tool that stands in for structured output', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'x', schema: either } };
    const { sent } = await site.ask({ model: 'claude-old', messages: [HI], response_format: format });
    expect(at(sent[0], 'tools.0.input_schema')).not.toHaveProperty('anyOf');
  });

  it('are refused by name when they are no object', async () => {
    const { status, body } = await site.ask({
      model: 'claude',
      messages: [HI],
      tools: [tool('f', { parameters: { type: 'array', items: {} } })],
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { param: 'tools[0].function.parameters' } });
  });
});

describe('the limits of strict tools', () => {
  const strictIn = (body: Json | undefined) =>
    (at(body, 'tools') as Json[]).filter((native) => native['strict'] === true).length;

  it('a tool without parameters is closed', async () => {
    const { sent } = await site.ask({ model: 'claude', messages: [HI], tools: [tool('ping', { strict: true })] });
    expect(at(sent[0], 'tools.0')).toMatchObject({
      strict: true,
      input_schema: { type: 'object', properties: {}, additionalProperties: false },
    });
  });

  it.each([
    ['20 tools', Array.from({ length: 25 }, (_, i) => strictTool(`f${i}`)), 20],
    ['24 optional parameters', ['a', 'b', 'c'].map((name) => strictTool(name, optional(10), [])), 2],
    [
      '16 unions',
      [
        strictTool(
          'u',
          Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`u${i}`, { type: ['string', 'null'] }])),
        ),
      ],
      0,
    ],
  ])('%s: what is beyond goes out without it, and is reported', async (_, tools, strict) => {
    const { sent, dropped, status } = await site.ask({ model: 'claude', messages: [HI], tools });
    expect(status).toBe(200);
    expect(strictIn(sent[0])).toBe(strict);
    expect(at(sent[0], 'tools')).toHaveLength(tools.length);
    expect(dropped).toContain('tools.function.strict');
  });

  it('the schema of the output counts as well', async () => {
    const schema = { type: 'object', properties: optional(20) };
    const response_format = { type: 'json_schema', json_schema: { name: 'x', schema } };
    const { sent } = await site.ask({
      model: 'claude',
      messages: [HI],
      response_format,
      tools: [strictTool('f', optional(10), [])],
    });
    expect(strictIn(sent[0])).toBe(0);
    const tooMuch = {
      type: 'json_schema',
      json_schema: { name: 'x', schema: { type: 'object', properties: optional(30) } },
    };
    const other = await site.ask({ model: 'claude', messages: [HI], response_format: tooMuch });
    expect(other.sent[0]).toMatchObject({ tools: [{ name: 'json' }], tool_choice: { type: 'tool' } });
  });
});

describe('conversations that newer models refuse', () => {
  const ending = [HI, { role: 'assistant', content: 'Step one is done.' }];

  it('that end with the assistant go on with the user', async () => {
    for (const model of ['claude-new', 'fable']) {
      const { sent, dropped } = await site.ask({ model, messages: ending });
      expect(at(sent[0], 'messages.2')).toEqual({ role: 'user', content: [{ type: 'text', text: 'Continue.' }] });
      expect(dropped).toEqual(['messages.prefill']);
    }
    const { sent } = await site.ask({ model: 'claude', messages: ending });
    expect(at(sent[0], 'messages')).toHaveLength(2);
  });

  it('without thinking go out with an effort to models that always think', async () => {
    const wished = await site.ask({ model: 'fable', messages: [HI], reasoning_effort: 'none' });
    expect(wished.sent[0]).toMatchObject({ output_config: { effort: 'low' } });
    expect(wished.sent[0]).not.toHaveProperty('thinking');
    expect(wished.dropped).toEqual(['reasoning_effort']);
    const native = await site.ask({ model: 'fable', messages: [HI], thinking: { type: 'disabled' } });
    expect(native.sent[0]).not.toHaveProperty('thinking');
  });

  it('with a budget become adaptive where there are no budgets', async () => {
    const { sent, dropped } = await site.ask({
      model: 'claude-new',
      messages: [HI],
      thinking: { type: 'enabled', budget_tokens: 2_000 },
    });
    expect(sent[0]).toMatchObject({ thinking: { type: 'adaptive' } });
    expect(dropped).toEqual(['thinking.budget_tokens']);
  });
});

describe('native thinking that the request would be refused for', () => {
  const lost = [
    HI,
    { role: 'assistant', content: null, tool_calls: [call('toolu_1')] },
    { role: 'tool', tool_call_id: 'toolu_1', content: 'ok' },
  ];

  it.each([
    ['in the request', { thinking: { type: 'enabled', budget_tokens: 2_000 } }],
    [
      'in provider_options',
      { provider_options: { anthropic: { thinking: { type: 'enabled', budget_tokens: 2_000 } } } },
    ],
  ])('is left out where the client lost its blocks, %s', async (_, wish) => {
    const { sent, dropped } = await site.ask({ model: 'claude', messages: lost, tools: [tool('f')], ...wish });
    expect(sent[0]).not.toHaveProperty('thinking');
    expect(dropped).toEqual(['thinking']);
  });

  it('is left out or lowered where the output limit is too small for it', async () => {
    const thinking = { type: 'enabled', budget_tokens: 2_000 };
    const small = await site.ask({ model: 'claude', messages: [HI], max_tokens: 1_000, thinking });
    expect(small.sent[0]).not.toHaveProperty('thinking');
    const enough = await site.ask({ model: 'claude', messages: [HI], max_tokens: 2_000, thinking });
    expect(enough.sent[0]).toMatchObject({ thinking: { budget_tokens: 1_600 } });
  });
});

describe.each(['claude', 'gem', 'mistral'])('calls and results at %s', (model) => {
  const tools = [tool('f'), tool('g')];

  it('a call without a result gets one', async () => {
    const messages = [
      HI,
      { role: 'assistant', content: null, tool_calls: [call('c1'), call('c2', 'g')] },
      { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      { role: 'user', content: 'go on' },
    ];
    const { status, sent } = await site.ask({ model, messages, tools });
    expect(status).toBe(200);
    const native = JSON.stringify(sent[0]);
    if (model === 'claude')
      expect(native.match(/"tool_use_id":"c[12]"/g)).toEqual(['"tool_use_id":"c1"', '"tool_use_id":"c2"']);
    else if (model === 'gem') expect(native.match(/"functionResponse":\{"id":"c[12]"/g)).toHaveLength(2);
    else expect(native.match(/"role":"tool"/g)).toHaveLength(2);
  });

  it('a result without a call is told by the user, and reported', async () => {
    const messages = [HI, { role: 'tool', tool_call_id: 'x', content: 'ok' }, { role: 'user', content: 'go on' }];
    const { status, sent, dropped } = await site.ask({ model, messages, tools });
    expect(status).toBe(200);
    expect(JSON.stringify(sent[0])).toContain('The result of an earlier tool call:\\nok');
    expect(dropped).toEqual(['messages.tool_call_id']);
  });

  it('a result without a call is refused with its place where nothing may be dropped', async () => {
    const { status, body } = await strict.ask({
      model,
      messages: [HI, { role: 'tool', tool_call_id: 'x', content: 'ok' }],
      tools,
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { param: 'messages[1].tool_call_id' } });
  });
});

it('calls in the history whose tools are not sent any more are declared, and not called again', async () => {
  const messages = [
    HI,
    { role: 'assistant', content: null, tool_calls: [call('c1')] },
    { role: 'tool', tool_call_id: 'c1', content: 'ok' },
  ];
  const { sent } = await site.ask({ model: 'claude', messages });
  expect(sent[0]).toMatchObject({
    tools: [{ name: 'f', input_schema: { type: 'object' } }],
    tool_choice: { type: 'none' },
  });
});
