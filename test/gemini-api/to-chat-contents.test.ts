import { expect, test } from 'vitest';
import { toChatMessages } from '../../src/gemini-api/to-chat-contents.js';

const call = (name: string, id?: string) => ({ functionCall: { name, args: {}, ...(id && { id }) } });
const result = (name: string, id?: string) => ({
  functionResponse: { name, response: { output: `${name} ${id}` }, ...(id && { id }) },
});

test.each([
  ['by its id', call('w', 'c1'), result('w', 'c1'), 'c1'],
  ['by its name, where neither has an id', call('w'), result('w'), 'call_0'],
  ['by its name, where the client made up an id', call('w'), result('w', 'w-1'), 'call_0'],
  ['by its name, where the client lost the id', call('w', 'c1'), result('w'), 'c1'],
  ['not by its name, where both have ids', call('w', 'c1'), result('w', 'c2'), 'no_call_w'],
])('a result finds its call %s', (_, called, answered, id) => {
  const contents = [
    { role: 'model', parts: [called] },
    { role: 'user', parts: [answered] },
  ];
  const messages = toChatMessages({ contents }, false, () => {});
  expect(messages[1]).toMatchObject({ role: 'tool', tool_call_id: id });
});

const LONG_TEXT = 'What is this? '.repeat(30);

test.each([
  ['in one line', (base64: string) => base64],
  ['in lines', (base64: string) => base64.replace(/.{76}/g, '$&\r\n')],
  [
    'in the alphabet for URLs, without padding',
    (base64: string) => Buffer.from(base64, 'base64').toString('base64url'),
  ],
])('the base64 of a text file %s is the text that a model reads which takes no files', (_, written) => {
  const data = written(Buffer.from(LONG_TEXT).toString('base64'));
  const contents = [{ role: 'user', parts: [{ inlineData: { mimeType: 'text/plain', data } }] }];
  expect(toChatMessages({ contents }, false, () => {})).toEqual([{ role: 'user', content: LONG_TEXT }]);
});
