import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputItem, ResponsesTool } from '../../../src/openai-api/responses/responses-request.js';
import { ToolNames } from '../../../src/openai-api/responses/tool-names.js';

const run = { type: 'function', name: 'run' } as ResponsesTool;
const patch = { type: 'custom', name: 'apply_patch' } as ResponsesTool;
const search = { type: 'tool_search', execution: 'client' } as ResponsesTool;
const docs = {
  type: 'namespace',
  name: 'mcp__docs',
  tools: [{ type: 'function', name: 'read' }, patch],
} as ResponsesTool;

const named = (name: string) => ({ type: 'function', name }) as ResponsesTool;
const space = (name: string, tool: string) => ({ type: 'namespace', name, tools: [named(tool)] }) as ResponsesTool;
const digested = (name: string) => expect.stringMatching(new RegExp(`^${name}_[0-9a-z]{11}$`));

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
    expect([...names.dropped]).toEqual([
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

  it('is one that every provider takes, another for every tool, the same each time, and leads back', () => {
    const part = fc.oneof(fc.stringMatching(/^[ab_]{1,6}$/), fc.string({ minLength: 1, maxLength: 80 }));
    const member = fc.record({ namespace: part, name: part, type: fc.constantFrom('function', 'custom') });
    fc.assert(
      fc.property(fc.uniqueArray(member, { minLength: 2, maxLength: 6, selector: JSON.stringify }), (members) => {
        const tools = members.map(
          ({ namespace, name, type }) =>
            ({ type: 'namespace', name: namespace, tools: [{ type, name }] }) as unknown as ResponsesTool,
        );
        const names = namesOf(tools);
        const chatNames = names.tools.map(({ chatName }) => chatName);
        for (const name of chatNames) expect(name).toMatch(/^[\w-]{1,64}$/);
        expect(new Set(chatNames).size).toBe(members.length);
        expect(namesOf(tools).tools.map(({ chatName }) => chatName)).toEqual(chatNames);
        members.forEach(({ namespace, name, type: kind }, index) => {
          expect(names.find(String(chatNames[index]))).toEqual({ namespace, name, kind });
          expect(names.chatNameOf({ namespace, name, kind: kind as 'function' })).toBe(chatNames[index]);
        });
      }),
    );
  });

  it.each([
    ['namespaces that join to the same', [space('a__b', 'c'), space('a', 'b__c')], ['a__b__c', digested('a__b__c')]],
    ['a function that is called like a member', [space('a', 'b'), named('a__b')], ['a__b', digested('a__b')]],
    ['a function and a custom tool of one name', [named('x'), { ...named('x'), type: 'custom' }], ['x', digested('x')]],
    [
      'a function that is called like the search',
      [named('tool_search'), search],
      ['tool_search', digested('tool_search')],
    ],
  ])('is its own for %s', (_, tools, expected) => {
    const { tools: found } = namesOf(tools);
    expect(found.map(({ chatName }) => chatName)).toEqual(expected);
  });

  it('of a call whose tool is gone is no name of another tool, and the same for the next call', () => {
    const names = namesOf([space('a__b', 'c')]);
    const gone = { namespace: 'a', name: 'b__c', kind: 'function' } as const;
    const chatName = names.chatNameOf(gone);
    expect(chatName).toEqual(digested('a__b__c'));
    expect(names.chatNameOf(gone)).toBe(chatName);
    expect(names.find(chatName)).toEqual(gone);
    expect(names.tools).toHaveLength(1);
  });

  it('of a call that says function is that of the custom tool which its client declared', () => {
    expect(namesOf([patch]).chatNameOf({ name: 'apply_patch', kind: 'function' })).toBe('apply_patch');
  });
});
