import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, chatAnswer, claudeStream, HI, type Json, type Reported, reported, stream, tool } from './reported.js';

let site: Reported;
beforeAll(async () => {
  site = await reported();
});
afterAll(() => site.close());

const LONG = `mcp__a_server_with_a_long_name__${'tool_'.repeat(12)}end`;
const DOTTED = 'files.read:all';

/** The name under which a body declares its first function. */
function declared(body: Json | undefined): string {
  return String(at(body, 'tools.0.function.name') ?? at(body, 'tools.0.name'));
}

function answerWith(name: string) {
  const call = { id: 'c1', type: 'function', function: { name, arguments: '{}' } };
  return chatAnswer(
    { role: 'assistant', content: null, tool_calls: [call] },
    {
      content: [{ type: 'tool_use', id: 'c1', name, input: {} }],
      stop_reason: 'tool_use',
    },
  );
}

function streamWith(name: string): string {
  const chunk = (delta: object, reason: string | null = null) => ({
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  const call = { index: 0, id: 'c1', type: 'function', function: { name, arguments: '{}' } };
  return stream(chunk({ role: 'assistant', tool_calls: [call] }), chunk({}, 'tool_calls'), '[DONE]');
}

function claudeStreamWith(name: string): string {
  const message = { id: 'm', type: 'message', role: 'assistant', model: 'c', content: [], usage: { input_tokens: 1 } };
  return claudeStream(
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'c1', name, input: {} } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  );
}

describe.each([
  ['gpt', LONG, /^[\w-]{1,64}$/],
  ['gpt', DOTTED, /^[\w-]{1,64}$/],
  ['mistral', LONG, /^[\w-]{1,64}$/],
  ['claude', DOTTED, /^[\w-]{1,128}$/],
])('a name that %s refuses: %s', (model, name, valid) => {
  const call = { id: 'c1', type: 'function', function: { name, arguments: '{}' } };
  const body = {
    model,
    messages: [
      HI,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'ok' },
    ],
    tools: [tool(name), tool('plain')],
    tool_choice: { type: 'function', function: { name } },
  };

  it('is another in declarations, choice and history, and itself in answers', async () => {
    site.answers(chatAnswer());
    const { status, sent } = await site.ask(body);
    expect(status).toBe(200);
    const native = declared(sent[0]);
    expect(native).toMatch(valid);
    expect(JSON.stringify(sent[0]).split(`"${native}"`).length).toBe(4);
    expect(JSON.stringify(sent[0])).not.toContain(`"${name}"`);
    site.answers(answerWith(native));
    expect(at((await site.ask(body)).body, 'choices.0.message.tool_calls.0.function.name')).toBe(name);
    site.answers(model === 'claude' ? claudeStreamWith(native) : streamWith(native));
    const { events } = await site.ask({ ...body, stream: true });
    const names = events.map((event) => at(event, 'choices.0.delta.tool_calls.0.function.name'));
    expect(names.filter((one) => one !== undefined)).toEqual([name]);
  });
});

it('a long name of an agent reaches OpenAI and comes back over Messages', async () => {
  const body = {
    model: 'gpt',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ name: LONG, input_schema: { type: 'object' } }],
  };
  site.answers(chatAnswer());
  const native = declared((await site.ask(body, 'messages')).sent[0]);
  expect(native.length).toBeLessThanOrEqual(64);
  site.answers(answerWith(native));
  expect(at((await site.ask(body, 'messages')).body, 'content.0.name')).toBe(LONG);
});

describe.each(['mistral', 'claude'])('members of two namespaces whose joined names are equal, at %s', (model) => {
  const space = (name: string, member: string) => ({
    type: 'namespace',
    name,
    tools: [{ type: 'function', name: member, parameters: { type: 'object', properties: {} } }],
  });
  const asked = {
    model,
    input: [
      { role: 'user', content: 'hi' },
      { type: 'function_call', call_id: 'c0', namespace: 'a', name: 'b__c', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c0', output: 'ok' },
    ],
    tools: [space('a__b', 'c'), space('a', 'b__c')],
    tool_choice: { type: 'function', namespace: 'a', name: 'b__c' },
  };
  const namesIn = (body: Json | undefined) =>
    (at(body, 'tools') as Json[]).map((one) => String(at(one, 'function.name') ?? at(one, 'name')));
  const members = [
    { namespace: 'a__b', name: 'c' },
    { namespace: 'a', name: 'b__c' },
  ];

  it('have names of their own there, in the history and the choice, too', async () => {
    site.answers(chatAnswer());
    const { sent } = await site.ask(asked, 'responses');
    const [first, second] = namesIn(sent[0]);
    expect(first).toBe('a__b__c');
    expect(second).toMatch(/^a__b__c_[0-9a-z]{11}$/);
    // Declaration, choice and history.
    expect(JSON.stringify(sent[0]).split(`"${second}"`).length).toBe(4);
    expect(JSON.stringify(sent[0]).split(`"${first}"`).length).toBe(2);
  });

  it('are themselves again in answers, whole and streamed', async () => {
    site.answers(chatAnswer());
    const names = namesIn((await site.ask(asked, 'responses')).sent[0]);
    for (const [index, member] of members.entries()) {
      const native = String(names[index]);
      site.answers(answerWith(native));
      const { body } = await site.ask(asked, 'responses');
      const calls = (at(body, 'output') as Json[]).filter(({ type }) => type === 'function_call');
      expect(calls).toMatchObject([member]);
      site.answers(model === 'claude' ? claudeStreamWith(native) : streamWith(native));
      const { events } = await site.ask({ ...asked, stream: true }, 'responses');
      const items = events
        .flatMap((event) => at(event, 'item') ?? [])
        .filter((item) => at(item as Json, 'type') === 'function_call');
      expect(items.length).toBeGreaterThan(1);
      for (const item of items) expect(item).toMatchObject(member);
    }
  });
});

it('names that differ stay different at Gemini', async () => {
  site.answers(chatAnswer());
  const names = ['3d_render', '_3d_render', '__3d_render', '-x', '_-x', 'fine', '_fine'];
  const { sent } = await site.ask({ model: 'gem', messages: [HI], tools: names.map((name) => tool(name)) });
  const declarations = at(sent[0], 'tools.0.functionDeclarations') as { name: string }[];
  expect(new Set(declarations.map(({ name }) => name)).size).toBe(names.length);
  for (const { name } of declarations) expect(name).toMatch(/^[A-Za-z_]/);
});

describe('calls at the very end', () => {
  it.each(['claude', 'claude-new', 'gem', 'gem3'])('have a result at %s, as all others', async (model) => {
    site.answers(chatAnswer());
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const { status, dropped, sent } = await site.ask({
      model,
      messages: [HI, { role: 'assistant', content: null, tool_calls: [call] }],
      tools: [tool('f')],
    });
    expect({ status, dropped }).toEqual({ status: 200, dropped: [] });
    expect(JSON.stringify(sent[0])).toContain('There is no result.');
  });
});

it('fields with nothing in them do not go back to OpenAI', async () => {
  site.answers(chatAnswer());
  const { sent } = await site.ask({
    model: 'gpt',
    messages: [
      { ...HI, name: null },
      { role: 'assistant', content: 'x', tool_calls: null, function_call: null, refusal: null },
      HI,
      { role: 'assistant', content: 'y', tool_calls: [] },
      HI,
    ],
  });
  expect(sent[0]?.['messages']).toEqual([
    HI,
    { role: 'assistant', content: 'x', refusal: null },
    HI,
    { role: 'assistant', content: 'y' },
    HI,
  ]);
});
