import { describe, expect, test } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../../src/openai-api/chat-request.js';
import { converseDialect } from '../../../src/providers/bedrock/dialects.js';
import { toConverse } from '../../../src/providers/bedrock/to-converse.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { chatCall } from '../../helpers/chat-call.js';
import { converseProblem } from './converse-schema.js';

const MODEL = 'amazon.nova-pro-v1:0';
const user = (content: ChatMessage['content']): ChatMessage => ({ role: 'user', content }) as ChatMessage;
const tool = (name: string, more: object = {}) => ({ type: 'function' as const, function: { name, ...more } });
const call = (id: string, args = '{}', name = 'f') => ({
  id,
  type: 'function' as const,
  function: { name, arguments: args },
});
const called = (...calls: ReturnType<typeof call>[]): ChatMessage => ({
  role: 'assistant',
  content: null,
  tool_calls: calls,
});
const result = (tool_call_id: string, content: ChatMessage['content'] = 'r'): ChatMessage =>
  ({ role: 'tool', tool_call_id, content }) as ChatMessage;
const file = (filename: string, type: string) => ({
  type: 'file' as const,
  file: { filename, file_data: `data:${type};base64,JVBERi0xLjQK` },
});
const ask = { type: 'text' as const, text: 'What is this?' };
const mark = { cache_control: { type: 'ephemeral' as const } };

/** What clients send, and Converse's rules are strict about. */
const REQUESTS: Readonly<Record<string, Partial<ChatRequest>>> = {
  'a conversation that the assistant begins': { messages: [{ role: 'assistant', content: 'Hi' }, user('x')] },
  'system texts alone': { messages: [{ role: 'system', content: 'Be brief.' }] },
  'a system text in the middle': { messages: [user('a'), { role: 'system', content: 'x' }, user('b')] },
  'an empty turn': { messages: [user('a'), { role: 'assistant', content: '' }, user('b')] },
  'a file without a word': { messages: [user([file('x.pdf', 'application/pdf')])] },
  'a name that has characters, lengths and spaces that are not allowed': {
    messages: [user([ask, file('  ..[]()__ä.pdf'.repeat(30), 'application/pdf')])],
  },
  'two files of one name': {
    messages: [user([ask, file('a.pdf', 'application/pdf'), file('a.pdf', 'application/pdf')])],
  },
  'a text file': { messages: [user([ask, file('a.csv', 'text/csv')])] },
  'a picture under another name of its type': {
    messages: [user([ask, { type: 'image_url', image_url: { url: 'data:image/jpg;base64,/9j/4AAQ' } }])],
  },
  'ids of calls as other providers make them': {
    messages: [user('a'), called(call('a b/c'), call('x'.repeat(90))), result('x'.repeat(90)), result('a b/c')],
  },
  'a call without its result': { messages: [user('a'), called(call('c')), user('go on')] },
  'a result without a word': { messages: [user('a'), called(call('c')), result('c', '')] },
  'a picture in a result': {
    messages: [
      user('a'),
      called(call('c')),
      result('c', [ask, { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }]),
    ],
  },
  'arguments that are no JSON': { messages: [user('a'), called(call('c', 'no json')), result('c')] },
  'arguments that are no object': { messages: [user('a'), called(call('c', '[1]')), result('c')] },
  'names of tools that are too long or hold other characters': {
    messages: [user('a'), called(call('c', '{}', 'files.read')), result('c')],
    tools: [tool('x'.repeat(100)), tool('files.read'), tool('files/read')],
    tool_choice: { type: 'function', function: { name: 'files.read' } },
  },
  'an empty description': { messages: [user('a')], tools: [tool('f', { description: '' })] },
  'a schema whose root is a union': {
    messages: [user('a')],
    tools: [tool('f', { parameters: { anyOf: [{ type: 'object' }] } })],
  },
  'a tool without parameters': { messages: [user('a')], tools: [tool('f')] },
  'a temperature above 1': { messages: [user('a')], temperature: 2 },
  'blank stop sequences': { messages: [user('a')], stop: ['a', ' ', ''] },
  'more stop sequences than it takes': {
    messages: [user('a')],
    stop: Array.from({ length: 3_000 }, (_, at) => `s${at}`),
  },
  'a schema for the answer': {
    messages: [user('a')],
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'x y z!', schema: { type: 'object', properties: {} } },
    },
  },
  'breakpoints everywhere': {
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'a', ...mark }] },
      user([{ type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } }]),
    ],
    tools: [{ ...tool('f'), ...mark }],
  },
  'a result without its call': { messages: [user('a'), result('z')] },
  'a long id of a user': { messages: [user('a')], user: 'a'.repeat(600) },
};

test.each(Object.entries(REQUESTS))('Converse takes %s', (_name, request) => {
  for (const stream of [false, true]) {
    const { body } = toConverse(chatCall(request, { model: MODEL }), stream);
    expect(converseProblem(JSON.parse(String(body)))).toBeUndefined();
  }
});

test.each([
  ['a message without a word', { messages: [user(' ')] }, 'messages'],
  ['several choices', { messages: [user('a')], n: 2 }, 'n'],
])('%s is refused, and the field is named', (_name, request, param) => {
  const send = () => toConverse(chatCall(request as Partial<ChatRequest>, { model: MODEL }), false);
  expect(send).toThrow(expect.objectContaining({ status: 400, param }));
});

describe("a tool whose name Converse would refuse is called by the client's own", () => {
  const request = { messages: [user('a')], tools: [tool('files.read'), tool('fine')] };
  const asked = chatCall(request, { model: MODEL });
  const { body } = toConverse(asked, true);
  const { tools } = (JSON.parse(String(body)) as { toolConfig: { tools: { toolSpec: { name: string } }[] } })
    .toolConfig;
  const [renamed = '', same] = tools.map(({ toolSpec }) => toolSpec.name);
  const dialect = converseDialect(() => new UpstreamError('status', undefined as never));

  test('in whole answers', () => {
    expect([renamed, same]).toEqual([expect.stringMatching(/^files_read_\w+$/), 'fine']);
    const content = [renamed, 'fine'].map((name, at) => ({ toolUse: { toolUseId: `t${at}`, name, input: {} } }));
    const answer = { output: { message: { role: 'assistant', content } }, stopReason: 'tool_use', usage: {} };
    const { completion } = dialect.toCompletion(answer, '', asked);
    expect(completion.choices[0]?.message.tool_calls?.map((c) => c.function.name)).toEqual(['files.read', 'fine']);
  });

  test('and in streams', () => {
    const translator = dialect.toChunks(asked);
    const batch = { chunks: [] as unknown[] };
    const event = (name: string, data: object) => translator.event(JSON.stringify(data), batch as never, name);
    event('messageStart', { role: 'assistant' });
    event('contentBlockStart', { contentBlockIndex: 0, start: { toolUse: { toolUseId: 't', name: renamed } } });
    event('contentBlockDelta', { contentBlockIndex: 0, delta: { toolUse: { input: '{}' } } });
    expect(JSON.stringify(batch.chunks)).toContain('"name":"files.read"');
  });
});
