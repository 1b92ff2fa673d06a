import { describe, expect, test } from 'vitest';
import type { ChatRequest, ResponseFormat } from '../../../src/openai-api/chat-request.js';
import { cleanSchema } from '../../../src/providers/anthropic/json-schema.js';
import { bodyOf, droppedOf, OLD, weather } from './native-request.js';

const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
const format: ResponseFormat = { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } };

describe('response_format', () => {
  test('text asks for nothing', () => {
    expect(bodyOf({ response_format: { type: 'text' } })).toEqual(bodyOf({}));
  });

  test('json_schema is native where the model has it', () => {
    const body = bodyOf({ response_format: format });
    expect(body.output_config).toEqual({
      format: { type: 'json_schema', schema: { ...schema, additionalProperties: false } },
    });
    expect(body).not.toHaveProperty('tools');
  });

  test('json_schema goes together with an effort', () => {
    const body = bodyOf({ model: 'claude-opus-5', response_format: format, reasoning_effort: 'low' });
    expect(body.output_config).toMatchObject({ effort: 'low', format: { type: 'json_schema' } });
  });

  test.each<[string, ResponseFormat]>([
    ['json_object', { type: 'json_object' }],
    ['json_schema without a schema', { type: 'json_schema', json_schema: { name: 'answer' } }],
  ])('%s is a hint in the system text', (_title, response_format) => {
    const messages = [{ role: 'system', content: 'be kind' } as const, { role: 'user', content: 'hi' } as const];
    expect(bodyOf({ response_format, messages: [...messages] }).system).toMatch(/^be kind\n.*JSON object/);
    expect(bodyOf({ response_format }).system).toMatch(/JSON object/);
  });
});

describe('a tool stands in for json_schema at older models', () => {
  const standIn = (request: Partial<ChatRequest> = {}) => bodyOf({ model: OLD, response_format: format, ...request });

  test('alone, it is forced', () => {
    expect(standIn()).toMatchObject({
      tools: [{ name: 'json', input_schema: schema }],
      tool_choice: { type: 'tool', name: 'json', disable_parallel_tool_use: true },
    });
  });

  test('beside others, one of all must be called', () => {
    const { tools, tool_choice } = standIn({ tools: [weather] });
    expect(tools?.map(({ name }) => name)).toEqual(['weather', 'json']);
    expect(tool_choice).toEqual({ type: 'any', disable_parallel_tool_use: true });
  });

  test('it is the only one that may be called when the client forbids the others', () => {
    expect(standIn({ tools: [weather], tool_choice: 'none' }).tool_choice).toMatchObject({
      type: 'tool',
      name: 'json',
    });
  });

  test("it takes another name when the client's tool has that one", () => {
    const { tools } = standIn({ tools: [{ type: 'function', function: { name: 'json' } }] });
    expect(tools?.map(({ name }) => name)).toEqual(['json', 'json_response']);
  });

  test.each<Partial<ChatRequest>>([
    { tools: [weather], tool_choice: 'required' },
    { tools: [weather], tool_choice: { type: 'function', function: { name: 'weather' } } },
    { functions: [{ name: 'weather' }], function_call: { name: 'weather' } },
  ])('not when another call is forced: there is no content then (%j)', (request) => {
    expect(standIn(request).tools?.map(({ name }) => name)).toEqual(['weather']);
  });

  test('thinking gives way to it', () => {
    const request = { model: OLD, response_format: format, reasoning_effort: 'low' } as const;
    expect(bodyOf(request)).not.toHaveProperty('thinking');
    expect(droppedOf(request)).toEqual(['reasoning_effort']);
  });

  test('it gives way to thinking that was asked for in native terms', () => {
    const request = { model: OLD, response_format: format, thinking: { type: 'enabled', budget_tokens: 2_000 } };
    expect(bodyOf(request).tool_choice).toMatchObject({ type: 'auto' });
    expect(droppedOf(request)).toEqual(['response_format']);
  });
});

describe('a schema in the dialect of structured output', () => {
  test.each<[string, object, object]>([
    ['objects are closed', { type: 'object' }, { type: 'object', properties: {}, additionalProperties: false }],
    [
      'also nullable ones',
      { type: ['object', 'null'], properties: {} },
      { type: ['object', 'null'], properties: {}, additionalProperties: false },
    ],
    [
      'even open ones',
      { type: 'object', additionalProperties: true },
      { type: 'object', properties: {}, additionalProperties: false },
    ],
    [
      'limits move to the description',
      { type: 'integer', minimum: 1, maximum: 9 },
      { type: 'integer', description: '{minimum: 1, maximum: 9}' },
    ],
    [
      'behind what is there',
      { type: 'string', pattern: '^a', description: 'An a.' },
      { type: 'string', description: 'An a.\n\n{pattern: ^a}' },
    ],
    ['known formats stay', { type: 'string', format: 'date-time' }, { type: 'string', format: 'date-time' }],
    ['others do not', { type: 'string', format: 'color' }, { type: 'string', description: '{format: color}' }],
    [
      'few items stay',
      { type: 'array', minItems: 1, items: { type: 'string' } },
      { type: 'array', minItems: 1, items: { type: 'string' } },
    ],
    ['many do not', { type: 'array', minItems: 2 }, { type: 'array', description: '{minItems: 2}' }],
    [
      'oneOf is anyOf',
      { oneOf: [{ type: 'object' }, { const: 1 }] },
      { anyOf: [{ type: 'object', properties: {}, additionalProperties: false }, { const: 1 }] },
    ],
    ['a reference stands alone', { $ref: '#/$defs/a', title: 'x' }, { $ref: '#/$defs/a' }],
    [
      'definitions are cleaned',
      { $schema: 'x', $defs: { a: { type: 'string', maxLength: 3 } }, $ref: '#/$defs/a' },
      { $defs: { a: { type: 'string', description: '{maxLength: 3}' } }, $ref: '#/$defs/a' },
    ],
    [
      'a property may be named like a keyword',
      { type: 'object', properties: { pattern: { type: 'string' } } },
      { type: 'object', properties: { pattern: { type: 'string' } }, additionalProperties: false },
    ],
  ])('%s', (_title, given, expected) => {
    expect(cleanSchema(given as Record<string, unknown>)).toEqual(expected);
  });

  test('is cleaned once: again changes nothing', () => {
    const once = cleanSchema({ type: 'object', properties: { a: { type: 'number', minimum: 1 } }, maxProperties: 1 });
    expect(cleanSchema(once)).toEqual(once);
  });

  test('that nests without end does not break it', () => {
    let deep: Record<string, unknown> = { type: 'object' };
    for (let level = 0; level < 5_000; level++) deep = { type: 'array', items: deep };
    expect(() => cleanSchema(deep)).not.toThrow();
  });
});
