import { describe, expect, test } from 'vitest';
import type { ChatRequest, FunctionDefinition, Tool, ToolChoice } from '../../../src/openai-api/chat-request.js';
import { BUDGET, bodyOf, droppedOf, native, OLD, weather } from './native-request.js';

const tool = (fields: Omit<FunctionDefinition, 'name'> & { name?: string }): Tool => ({
  type: 'function',
  function: { name: 'f', ...fields },
});
const other = tool({ name: 'other' });
const toolsOf = (request: Partial<ChatRequest>) => bodyOf(request).tools;

describe('tools', () => {
  test.each<[string, Tool, object]>([
    [
      'keep name, description and schema',
      tool({ description: 'd', parameters: { type: 'object', $comment: 'kept' } }),
      { name: 'f', description: 'd', input_schema: { type: 'object', $comment: 'kept' } },
    ],
    ['without parameters take none', tool({}), { name: 'f', input_schema: { type: 'object', properties: {} } }],
    [
      'with empty parameters take none',
      tool({ parameters: {} }),
      { name: 'f', input_schema: { type: 'object', properties: {} } },
    ],
    [
      'get an object at the root',
      tool({ parameters: { properties: { a: {} } } }),
      { name: 'f', input_schema: { type: 'object', properties: { a: {} } } },
    ],
    [
      'that are strict get a schema that Anthropic can enforce',
      tool({ strict: true, parameters: { type: 'object', properties: { a: { type: 'string', minLength: 2 } } } }),
      {
        name: 'f',
        strict: true,
        input_schema: {
          type: 'object',
          additionalProperties: false,
          properties: { a: { type: 'string', description: '{minLength: 2}' } },
        },
      },
    ],
    [
      'carry a cache breakpoint',
      { type: 'function', function: { name: 'f' }, cache_control: { type: 'ephemeral', ttl: '1h' } },
      { name: 'f', input_schema: { type: 'object', properties: {} }, cache_control: { type: 'ephemeral', ttl: '1h' } },
    ],
  ])('%s', (_title, given, expected) => {
    expect(toolsOf({ tools: [given] })).toEqual([expected]);
  });

  test('are not strict for a model that can not be, and that is reported', () => {
    const request = { model: OLD, tools: [tool({ strict: true })] };
    expect(toolsOf(request)?.[0]).not.toHaveProperty('strict');
    expect(droppedOf(request)).toEqual(['tools.function.strict']);
  });

  test('an empty list is left out, with the choice among nothing', () => {
    const body = bodyOf({ tools: [], tool_choice: 'required', parallel_tool_calls: false });
    expect(body).not.toHaveProperty('tools');
    expect(body).not.toHaveProperty('tool_choice');
  });

  test('custom tools are refused', () => {
    const tools: Tool[] = [weather, { type: 'custom', custom: { name: 'x' } }];
    expect(() => native({ tools })).toThrow(expect.objectContaining({ status: 400, param: 'tools[1].type' }));
    const tool_choice = { type: 'custom', custom: { name: 'x' } } as const;
    expect(() => native({ tools: [weather], tool_choice })).toThrow(expect.objectContaining({ param: 'tool_choice' }));
  });
});

describe('tool_choice', () => {
  const allowed = (mode: 'auto' | 'required'): ToolChoice => ({
    type: 'allowed_tools',
    allowed_tools: { mode, tools: [{ type: 'function', function: { name: 'other' } }] },
  });

  test.each<[Pick<ChatRequest, 'tool_choice' | 'parallel_tool_calls'>, object | undefined]>([
    [{}, undefined],
    [{ tool_choice: 'auto' }, { type: 'auto' }],
    [{ tool_choice: 'none' }, { type: 'none' }],
    [{ tool_choice: 'required' }, { type: 'any' }],
    [{ tool_choice: { type: 'function', function: { name: 'other' } } }, { type: 'tool', name: 'other' }],
    [{ tool_choice: allowed('auto') }, { type: 'auto' }],
    [{ tool_choice: allowed('required') }, { type: 'any' }],
    [{ parallel_tool_calls: true }, undefined],
    [{ parallel_tool_calls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [
      { parallel_tool_calls: false, tool_choice: 'required' },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    [{ parallel_tool_calls: false, tool_choice: 'none' }, { type: 'none' }],
  ])('%j', (request, choice) => {
    expect(bodyOf({ tools: [weather, other], ...request }).tool_choice).toEqual(choice);
  });

  test('allowed tools are the only ones the model sees', () => {
    expect(toolsOf({ tools: [weather, other], tool_choice: allowed('auto') })?.map(({ name }) => name)).toEqual([
      'other',
    ]);
  });

  test.each([BUDGET, 'claude-opus-4-8'])('a forced call gives way to thinking (%s)', (model) => {
    const request: Partial<ChatRequest> = { model, tools: [weather], tool_choice: 'required', reasoning_effort: 'low' };
    expect(bodyOf(request)).toMatchObject({ tool_choice: { type: 'auto' }, thinking: {} });
    expect(droppedOf(request)).toEqual(['tool_choice']);
    expect(bodyOf({ ...request, parallel_tool_calls: false }).tool_choice).toEqual({
      type: 'auto',
      disable_parallel_tool_use: true,
    });
  });

  test('a model that can not be forced decides itself', () => {
    const request: Partial<ChatRequest> = { model: 'claude-fable-5', tools: [weather], tool_choice: 'required' };
    expect(bodyOf(request).tool_choice).toEqual({ type: 'auto' });
    expect(droppedOf(request)).toEqual(['tool_choice']);
  });
});

describe('the deprecated functions', () => {
  test.each<[ChatRequest['function_call'], object]>([
    [undefined, { type: 'auto', disable_parallel_tool_use: true }],
    ['auto', { type: 'auto', disable_parallel_tool_use: true }],
    ['none', { type: 'none' }],
    [{ name: 'f' }, { type: 'tool', name: 'f', disable_parallel_tool_use: true }],
  ])('are tools of which one is called at a time (%j)', (call, choice) => {
    const body = bodyOf({ functions: [{ name: 'f' }], ...(call && { function_call: call }) });
    expect(body.tools).toEqual([{ name: 'f', input_schema: { type: 'object', properties: {} } }]);
    expect(body.tool_choice).toEqual(choice);
  });
});
