import { describe, expect, it } from 'vitest';
import type {
  ResponsesRequest,
  ResponsesTool,
  ResponsesToolChoice,
} from '../../../src/openai-api/responses/responses-request.js';
import { toChatTools } from '../../../src/openai-api/responses/to-chat-tools.js';
import { ToolNames } from '../../../src/openai-api/responses/tool-names.js';

function chatTools(tools: object[], choice?: unknown) {
  const request: ResponsesRequest = {
    model: 'gpt',
    input: [],
    tools: tools as ResponsesTool[],
    ...(choice !== undefined && { tool_choice: choice as ResponsesToolChoice }),
  };
  return toChatTools(request, new ToolNames(request));
}

const run = { type: 'function', name: 'run', description: 'Runs.', strict: true, parameters: { type: 'object' } };

function withoutType({ type: _, ...rest }: typeof run): object {
  return rest;
}

describe('tools in chat', () => {
  it('keep description, parameters and strictness of a function', () => {
    expect(chatTools([run]).tools).toEqual([{ type: 'function', function: withoutType(run) }]);
  });

  it('take the text of a custom tool in one field, and tell its grammar to the model', () => {
    const format = { type: 'grammar', syntax: 'lark', definition: 'start: "a"' };
    const { tools } = chatTools([{ type: 'custom', name: 'patch', description: 'Patches.', format }]);
    const description = 'Patches.\n\nThe input must match this lark grammar:\nstart: "a"';
    const parameters = { required: ['input'], additionalProperties: false };
    expect(tools).toMatchObject([{ function: { name: 'patch', description, parameters } }]);
  });

  it('are without the marks of fields that OpenAI alone encrypts', () => {
    const parameters = { type: 'object', properties: { token: { type: 'string', encrypted: true } } };
    const properties = { token: { type: 'string' } };
    const { tools } = chatTools([{ ...run, parameters }]);
    expect(tools).toEqual([
      { type: 'function', function: { ...withoutType(run), parameters: { type: 'object', properties } } },
    ]);
  });

  it('are none without a tool that the client runs, whatever the choice allows', () => {
    expect(chatTools([{ type: 'web_search' }], 'auto')).toEqual({});
  });
});

describe('the choice of tools in chat', () => {
  const docs = { type: 'namespace', name: 'docs', tools: [{ type: 'function', name: 'read' }] };

  it.each([
    ['none', 'none'],
    ['required', 'required'],
    [
      { type: 'function', name: 'run' },
      { type: 'function', function: { name: 'run' } },
    ],
    [
      { type: 'function', name: 'read', namespace: 'docs' },
      { type: 'function', function: { name: 'docs__read' } },
    ],
    [{ type: 'tool_search' }, { type: 'function', function: { name: 'tool_search' } }],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'run' }, { type: 'web_search' }] },
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'run' } }] },
      },
    ],
  ])('%j is %j', (choice, expected) => {
    const tools = [run, docs, { type: 'tool_search', execution: 'client' }, { type: 'web_search' }];
    expect(chatTools(tools, choice).tool_choice).toEqual(expected);
  });

  it.each([
    { type: 'web_search' },
    { type: 'mcp', server_label: 's' },
    { type: 'allowed_tools', mode: 'required', tools: [{ type: 'web_search' }] },
  ])('that forces a tool of the provider is refused: %j', (choice) => {
    expect(() => chatTools([run, { type: 'web_search' }], choice)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'tool_choice' }),
    );
  });

  it('that requires one of tools that were all left out is refused', () => {
    expect(() => chatTools([{ type: 'web_search' }], 'required')).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param: 'tool_choice' }),
    );
  });
});
