import { expect, test } from 'vitest';
import type { ChatMessage } from '../../src/openai-api/chat-request.js';
import { forEachAnswered, isAnswered, type TurnRule } from '../../src/providers/tool-pairs.js';
import { UnsupportedParams } from '../../src/providers/unsupported-params.js';

const user = (content: string): ChatMessage => ({ role: 'user', content });
const calls = (...ids: string[]): ChatMessage => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
});
const result = (id: string, content = id): ChatMessage => ({ role: 'tool', tool_call_id: id, content });

/** What is visited, in short, and what is reported. */
function visited(messages: readonly ChatMessage[], rule: TurnRule = 'single messages') {
  const unsupported = new UnsupportedParams('warn');
  const told: string[] = [];
  forEachAnswered(messages, rule, unsupported, (message, index) => {
    const { tool_calls: made, tool_call_id: id, content } = message as unknown as Partial<Record<string, unknown>>;
    const what = Array.isArray(made) ? made.map((call: { id: string }) => call.id).join('+') : content;
    told.push(`${index} ${message.role} ${id === undefined ? '' : `${String(id)}=`}${String(what)}`);
  });
  return { told, dropped: unsupported.names };
}

test('a conversation whose results follow their calls is visited as it is', () => {
  const messages = [user('go'), calls('a', 'b'), result('b'), result('a'), user('on'), calls('a'), result('a')];
  expect(isAnswered(messages)).toBe(true);
  expect(visited(messages).told.map((text) => text[0])).toEqual(['0', '1', '2', '3', '4', '5', '6']);
});

test('a call without a result gets one, also at the end', () => {
  expect(visited([calls('a'), user('on'), calls('b')])).toEqual({
    told: [
      '0 assistant a',
      '0 tool a=There is no result.',
      '1 user on',
      '2 assistant b',
      '2 tool b=There is no result.',
    ],
    dropped: [],
  });
});

test('a result that comes late is moved to its call', () => {
  expect(visited([calls('a'), user('wait'), result('a'), user('on')]).told).toEqual([
    '0 assistant a',
    '2 tool a=a',
    '1 user wait',
    '3 user on',
  ]);
});

test('a result without a call, and one more than there are calls, is told by the user and reported', () => {
  expect(visited([result('z'), calls('a'), result('a'), result('a', 'more')])).toEqual({
    told: [
      '0 user The result of an earlier tool call:\nz',
      '1 assistant a',
      '2 tool a=a',
      '3 user The result of an earlier tool call:\nmore',
    ],
    dropped: ['messages.tool_call_id'],
  });
});

test('an id that comes again belongs to the newest call, and equal ids of one turn to each in turn', () => {
  expect(visited([calls('a'), user('on'), calls('a'), result('a', 'new')]).told).toEqual([
    '0 assistant a',
    '0 tool a=There is no result.',
    '1 user on',
    '2 assistant a',
    '3 tool a=new',
  ]);
  expect(isAnswered([calls('', ''), result('', '1'), result('', '2')])).toBe(true);
});

test('calls of neighboring messages are one turn, or each message has its results behind it', () => {
  const messages = [calls('a'), calls('b'), result('a'), result('b')];
  expect(visited(messages, 'merged turns').told).toEqual([
    '0 assistant a',
    '1 assistant b',
    '2 tool a=a',
    '3 tool b=b',
  ]);
  expect(visited(messages, 'single messages').told).toEqual([
    '0 assistant a',
    '2 tool a=a',
    '1 assistant b',
    '3 tool b=b',
  ]);
});

test('an id that carries a signature is the same as without it, and both go out alike', () => {
  expect(visited([calls('a__thought__c2ln'), result('a')])).toEqual({
    told: ['0 assistant a__thought__c2ln', '1 tool a__thought__c2ln=a'],
    dropped: [],
  });
});
