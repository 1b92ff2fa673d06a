import { describe, expect, it } from 'vitest';
import { clientToolsOnly } from '../../../src/openai-api/responses/client-tools.js';
import type { ResponsesRequest } from '../../../src/openai-api/responses/responses-request.js';

const run = { type: 'function', name: 'run' };
const shell = { type: 'shell', environment: { type: 'local' } };
const hosted = { type: 'shell', environment: { type: 'container_auto' } };

function formOf(request: object) {
  return clientToolsOnly({ model: 'gpt', input: 'Hi', ...request } as ResponsesRequest);
}

describe('a request for OpenAI without what OpenAI would run', () => {
  it('keeps what the client runs, and names the rest by path', () => {
    const tools = [
      run,
      { type: 'web_search' },
      shell,
      hosted,
      { type: 'namespace', name: 'n', tools: [{ type: 'mcp' }, run] },
    ];
    expect(formOf({ tools })).toEqual({
      tools: [run, shell, { type: 'namespace', name: 'n', tools: [run] }],
      input: 'Hi',
      dropped: ['tools[1]', 'tools[3]', 'tools[4].tools[0]'],
    });
  });

  it('looks into tools that the input brings', () => {
    const message = { type: 'message', role: 'user', content: 'Hi' };
    const { input, dropped } = formOf({
      input: [message, { type: 'additional_tools', tools: [{ type: 'mcp' }, run] }],
    });
    expect(input).toEqual([message, { type: 'additional_tools', tools: [run] }]);
    expect(dropped).toEqual(['input[1].tools[0]']);
  });

  it('has no list of tools when none stays, and an empty one where the client sent one', () => {
    expect(formOf({ tools: [{ type: 'web_search' }] })).toMatchObject({ tools: undefined, dropped: ['tools[0]'] });
    expect(formOf({ tools: [] })).toMatchObject({ tools: [], dropped: [] });
  });

  it.each([
    { type: 'web_search' },
    'required',
    { type: 'allowed_tools', mode: 'required', tools: [{ type: 'web_search' }] },
  ])('is refused when the choice forces one of them: %j', (choice) => {
    expect(() => formOf({ tools: [{ type: 'web_search' }], tool_choice: choice })).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'tool_choice' }),
    );
  });

  it.each(['auto', 'none', { type: 'function', name: 'run' }])('is not when the choice can be met: %j', (choice) => {
    expect(formOf({ tools: [run, { type: 'web_search' }], tool_choice: choice }).dropped).toEqual(['tools[1]']);
  });
});
