import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputItem, ResponsesTool } from '../../../src/openai-api/responses/responses-request.js';
import { chatNameOf, ToolNames } from '../../../src/openai-api/responses/tool-names.js';

const run = { type: 'function', name: 'run' } as ResponsesTool;
const patch = { type: 'custom', name: 'apply_patch' } as ResponsesTool;
const search = { type: 'tool_search', execution: 'client' } as ResponsesTool;
const docs = {
  type: 'namespace',
  name: 'mcp__docs',
  tools: [{ type: 'function', name: 'read' }, patch],
} as ResponsesTool;

function namesOf(tools: ResponsesTool[], input: InputItem[] = []): ToolNames {
  return new ToolNames({ model: 'gpt', input, tools });
}

describe('the tools of a request', () => {
  it('are functions, custom tools, the members of namespaces and the search that its client runs', () => {
    expect(namesOf([run, patch, docs, search]).tools.map(({ chatName, kind }) => [chatName, kind])).toEqual([
      ['run', 'function'],
      ['apply_patch', 'custom'],
      ['mcp__docs__read', 'function'],
      ['mcp__docs__apply_patch', 'custom'],
      ['tool_search', 'tool_search'],
    ]);
  });

  it('are also those that the input brings, once each, the first declaration first', () => {
    const later = { type: 'function', name: 'run', description: 'Another.' } as ResponsesTool;
    const found = { type: 'function', name: 'find' } as ResponsesTool;
    const input = [
      { type: 'additional_tools', role: 'developer', tools: [later] },
      { type: 'tool_search_output', call_id: 'ts', execution: 'client', tools: [found] },
    ] as unknown as InputItem[];
    expect(namesOf([run], input).tools.map(({ chatName, path, tool }) => [chatName, path, tool])).toEqual([
      ['run', 'tools[0]', run],
      ['find', 'input[1].tools[0]', found],
    ]);
  });

  it('leave out what a provider would have to run, by path', () => {
    const tools = [
      { type: 'web_search' },
      { type: 'tool_search' },
      { type: 'namespace', name: 'n', tools: [{ type: 'file_search' }] },
    ] as ResponsesTool[];
    const names = namesOf(tools, [{ type: 'additional_tools', tools: [{ type: 'mcp' }] } as unknown as InputItem]);
    expect(names.tools).toEqual([]);
    expect([...names.leftOut]).toEqual([
      ['tools[0]', 'web_search'],
      ['tools[1]', 'tool_search'],
      ['tools[2].tools[0]', 'file_search'],
      ['input[0].tools[0]', 'mcp'],
    ]);
  });
});

describe('a name in chat', () => {
  it('leads back to the tool of the client', () => {
    expect(namesOf([docs]).find('mcp__docs__read')).toMatchObject({ name: 'read', namespace: 'mcp__docs' });
    expect(namesOf([docs]).find('unheard_of')).toEqual({ name: 'unheard_of', kind: 'function' });
  });

  it('is one that every provider takes, and another one for every tool of a namespace', () => {
    const part = fc.string({ minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(part, fc.uniqueArray(part, { minLength: 2, maxLength: 4 }), (namespace, names) => {
        const chatNames = names.map((name) => chatNameOf(name, namespace));
        for (const name of chatNames) expect(name).toMatch(/^[\w-]{1,64}$/);
        expect(new Set(chatNames).size).toBe(names.length);
        expect(names.map((name) => chatNameOf(name, namespace))).toEqual(chatNames);
      }),
    );
  });
});
