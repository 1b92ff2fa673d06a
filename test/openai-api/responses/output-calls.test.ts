import { describe, expect, it } from 'vitest';
import { completeCall, outputCall } from '../../../src/openai-api/responses/output-calls.js';

const newId = (prefix: string) => `${prefix}_1`;

describe('a call that a model makes', () => {
  it('of a function in a namespace names both', () => {
    const call = outputCall({ kind: 'function', name: 'read', namespace: 'docs' }, 'call_1', newId);
    completeCall(call, '{"path":"a"}', 'completed');
    expect(call).toEqual({
      type: 'function_call',
      id: 'fc_1',
      call_id: 'call_1',
      name: 'read',
      namespace: 'docs',
      arguments: '{"path":"a"}',
      status: 'completed',
    });
  });

  it.each([
    ['{"input":"*** Begin\\n\\"x\\""}', '*** Begin\n"x"'],
    ['{"text":"x"}', '{"text":"x"}'],
    ['not JSON', 'not JSON'],
  ])('of a custom tool has a text: %s', (written, input) => {
    const call = outputCall({ kind: 'custom', name: 'patch' }, 'call_1', newId);
    completeCall(call, written, 'completed');
    expect(call).toMatchObject({ type: 'custom_tool_call', id: 'ctc_1', name: 'patch', input });
  });

  it.each([
    ['{"query":"a"}', { query: 'a' }],
    ['', {}],
    ['{"query":', '{"query":'],
  ])('of the search for tools has its arguments as a value: %s', (written, args) => {
    const call = outputCall({ kind: 'tool_search', name: 'tool_search' }, '', newId);
    completeCall(call, written, 'incomplete');
    expect(call).toEqual({
      type: 'tool_search_call',
      id: 'tsc_1',
      call_id: 'tsc_1',
      execution: 'client',
      arguments: args,
      status: 'incomplete',
    });
  });
});
