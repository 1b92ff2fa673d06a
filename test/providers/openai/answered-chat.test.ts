import { expect, test } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../../src/openai-api/chat-request.js';
import { answeredChat } from '../../../src/providers/openai/answered-chat.js';
import { loadAnsweredChat } from '../../../src/providers/openai/load-answered-chat.js';
import { toRequest } from '../../../src/providers/openai/to-request.js';
import { fakeCall } from '../../helpers/fake-call.js';

const called = (id: string) => ({ id, type: 'function' as const, function: { name: 'w', arguments: '{}' } });
const calls = (...ids: string[]): ChatMessage => ({ role: 'assistant', content: null, tool_calls: ids.map(called) });
const result = (id: string): ChatMessage => ({ role: 'tool', tool_call_id: id, content: id });
const user = (content: string): ChatMessage => ({ role: 'user', content });

function callOf(messages: ChatMessage[], details: Parameters<typeof fakeCall>[0] = {}) {
  const request: ChatRequest = { model: 'gpt-4o', messages };
  return fakeCall({ request, body: new TextEncoder().encode(JSON.stringify(request, null, 1)), ...details });
}

test('nothing is loaded for a conversation without tools', () => {
  expect(loadAnsweredChat(callOf([user('Go.'), { role: 'assistant', content: 'Yes.' }, user('On.')]).request)).toBe(
    undefined,
  );
});

test("a conversation in order stays the client's own bytes", async () => {
  const call = callOf([user('Go.'), calls('a', 'b'), result('b'), result('a')]);
  await loadAnsweredChat(call.request);
  expect(answeredChat(call, call.request)).toBe(undefined);
  expect(toRequest(call, false).body).toBe(call.body);
});

test('calls without results and results without calls reach OpenAI in order, and are reported', async () => {
  const call = callOf([result('gone'), user('Go.'), calls('a', 'b'), result('a'), user('Stop.')]);
  await loadAnsweredChat(call.request);
  const { body, dropped } = toRequest(call, false);
  expect(JSON.parse(body as string)).toEqual({
    model: 'gpt-4o',
    messages: [
      user('The result of an earlier tool call:\ngone'),
      user('Go.'),
      calls('a', 'b'),
      result('a'),
      { role: 'tool', tool_call_id: 'b', content: 'There is no result.' },
      user('Stop.'),
    ],
  });
  expect(dropped).toEqual(['messages.tool_call_id']);
});

test('a result without a call is refused where the operator wants that', async () => {
  const call = callOf([result('gone')], { unsupported: 'error' });
  await loadAnsweredChat(call.request);
  expect(() => toRequest(call, false)).toThrow(
    expect.objectContaining({ code: 'unsupported_parameter', param: 'messages[0].tool_call_id' }),
  );
});
