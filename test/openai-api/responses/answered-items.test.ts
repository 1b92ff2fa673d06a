import { expect, test } from 'vitest';
import { answeredItems } from '../../../src/openai-api/responses/answered-items.js';
import type { InputItem } from '../../../src/openai-api/responses/responses-request.js';

const user = { role: 'user', content: 'Go.' } as InputItem;
const call = (id: string): InputItem => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
const output = (id: string, said = id): InputItem => ({ type: 'function_call_output', call_id: id, output: said });
const custom: InputItem = { type: 'custom_tool_call', call_id: 'x', name: 'p', input: '' };

function answered(...items: InputItem[]) {
  const dropped: string[] = [];
  return { items: answeredItems(items, (path) => void dropped.push(path)), dropped };
}

test('a conversation whose calls all have their outputs is the same list', () => {
  const items = [user, call('a'), call('b'), output('b'), output('a'), custom];
  items.push({ type: 'custom_tool_call_output', call_id: 'x', output: 'ok' });
  expect(answeredItems(items, () => {})).toBe(items);
});

test('an id that comes again is of another call', () => {
  const items = [call('a'), output('a', 'one'), call('a'), output('a', 'two')];
  expect(answeredItems(items, () => {})).toBe(items);
});

test('a call without an output gets one of its kind', () => {
  expect(answered(call('a'), custom)).toEqual({
    items: [
      call('a'),
      output('a', 'There is no result.'),
      custom,
      { type: 'custom_tool_call_output', call_id: 'x', output: 'There is no result.' },
    ],
    dropped: [],
  });
});

test('an output without a call, or a second one, is told by the user', () => {
  const told = (text: string) => ({
    type: 'message',
    role: 'user',
    content: [
      { type: 'input_text', text: 'The result of an earlier tool call:' },
      { type: 'input_text', text },
    ],
  });
  expect(answered(output('z'), call('a'), output('a'), output('a', 'more'))).toEqual({
    items: [told('z'), call('a'), output('a'), told('more')],
    dropped: ['input[0].call_id', 'input[3].call_id'],
  });
});

test('an output may answer a call of a kind that is not known here', () => {
  const items = [{ type: 'local_shell_call', call_id: 's' } as unknown as InputItem, output('s')];
  expect(answeredItems(items, () => {})).toBe(items);
});
