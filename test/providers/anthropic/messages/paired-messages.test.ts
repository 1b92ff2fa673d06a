import { expect, test } from 'vitest';
import type { Block, MessageParam } from '../../../../src/anthropic-api/messages-request.js';
import { pairedMessages } from '../../../../src/providers/anthropic/messages/paired-messages.js';
import { UnsupportedParams } from '../../../../src/providers/unsupported-params.js';

const text = (words: string): Block => ({ type: 'text', text: words });
const use = (id: string): Block => ({ type: 'tool_use', id, name: 'w', input: {} });
const result = (id: string, content: unknown = id): Block => ({ type: 'tool_result', tool_use_id: id, content });
const user = (...content: Block[]): MessageParam => ({ role: 'user', content });
const assistant = (...content: Block[]): MessageParam => ({ role: 'assistant', content });

function paired(...messages: MessageParam[]) {
  const unsupported = new UnsupportedParams('warn');
  return { messages: pairedMessages(messages, unsupported), dropped: unsupported.names };
}

test.each([
  ['words alone', [user(text('Go.')), assistant(text('Yes.'))]],
  ['parallel calls, answered in another order', [assistant(use('a'), use('b')), user(result('b'), result('a'))]],
  ['two calls with one id', [assistant(use('a'), use('a')), user(result('a'), result('a'))]],
  ['a turn in two messages', [assistant(use('a')), assistant(use('b')), user(result('b')), user(result('a'))]],
  [
    'a message of the system in between',
    [assistant(use('a')), { role: 'system', content: 'Be brief.' }, user(result('a'))],
  ],
  ['a tool that Anthropic runs', [assistant({ type: 'server_tool_use', id: 's', name: 'web_search', input: {} })]],
] satisfies [string, MessageParam[]][])('nothing has to change: %s', (_, messages: MessageParam[]) => {
  expect(pairedMessages(messages, new UnsupportedParams('error'))).toBe(messages);
});

test('a call without a result gets one, before what the user says and at the end', () => {
  const messages = [assistant(use('a')), { role: 'user', content: 'Stop.' }, assistant(use('b'))];
  const stub = (id: string) => result(id, 'There is no result.');
  expect(paired(...messages)).toEqual({
    messages: [assistant(use('a')), user(stub('a'), text('Stop.')), assistant(use('b')), user(stub('b'))],
    dropped: [],
  });
});

test('a result that comes late is moved to its call, and leaves no empty message', () => {
  const messages = [assistant(use('a')), user(text('Wait.')), assistant(text('I wait.')), user(result('a'))];
  expect(paired(...messages)).toEqual({
    messages: [assistant(use('a')), user(result('a'), text('Wait.')), assistant(text('I wait.'))],
    dropped: [],
  });
});

test('a result whose call is gone is told in words, with what a turn of the user may hold, and reported', () => {
  const picture = { type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } };
  const messages = [
    user(result('gone'), result('too', [text('Look.'), picture, { type: 'tool_reference', tool_name: 'w' }])),
    assistant(use('a')),
    user(result('a'), result('a', 'more')),
  ];
  expect(paired(...messages)).toEqual({
    messages: [
      user(
        text('The result of an earlier tool call:\ngone'),
        text('The result of an earlier tool call:'),
        text('Look.'),
        picture,
      ),
      assistant(use('a')),
      user(result('a'), text('The result of an earlier tool call:\nmore')),
    ],
    dropped: ['messages.tool_use_id'],
  });
});

test('an id that comes again belongs to the newest call', () => {
  const messages = [assistant(use('a')), user(text('Stop.')), assistant(use('a')), user(result('a', 'new'))];
  expect(paired(...messages).messages.at(-1)).toEqual(user(result('a', 'new')));
  expect(paired(...messages).messages[1]).toEqual(user(result('a', 'There is no result.'), text('Stop.')));
});

test('a result without a call is refused where the operator wants that', () => {
  expect(() => pairedMessages([user(result('gone'))], new UnsupportedParams('error'))).toThrow(
    expect.objectContaining({ code: 'unsupported_parameter', param: 'messages[0].content[0].tool_use_id' }),
  );
});
