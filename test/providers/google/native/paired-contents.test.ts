import { expect, test } from 'vitest';
import type { Content, Part } from '../../../../src/gemini-api/generate-content-request.js';
import { pairedContents } from '../../../../src/providers/google/native/paired-contents.js';
import { UnsupportedParams } from '../../../../src/providers/unsupported-params.js';

const call = (name: string, id?: string): Part => ({ functionCall: { name, args: {}, ...(id && { id }) } });
const result = (name: string, said = name, id?: string): Part => ({
  functionResponse: { name, response: { output: said }, ...(id && { id }) },
});
const model = (...parts: Part[]): Content => ({ role: 'model', parts });
const user = (...parts: Part[]): Content => ({ role: 'user', parts });

function paired(...contents: Content[]) {
  const unsupported = new UnsupportedParams('warn');
  return { contents: pairedContents(contents, unsupported), dropped: unsupported.names };
}

test.each([
  ['words alone', [user({ text: 'Go.' }), model({ text: 'Yes.' }), { role: 'user' }]],
  ['two calls of one function', [model(call('w'), call('w')), user(result('w'), result('w'))]],
  [
    'ids that the client made up',
    [model(call('w'), call('v')), user(result('v', 'v', 'v-1'), result('w', 'w', 'w-1'))],
  ],
  ['a turn in two contents', [model(call('w')), model(call('v')), user(result('w')), user(result('v'))]],
])('nothing has to change: %s', (_, contents) => {
  expect(pairedContents(contents, new UnsupportedParams('error'))).toBe(contents);
});

test('a call without a result gets one, by its own id', () => {
  const stub = (name: string, id?: string) => result(name, 'There is no result.', id);
  expect(paired(model(call('w', '1'), call('v')), user({ text: 'Stop.' }))).toEqual({
    contents: [model(call('w', '1'), call('v')), user(stub('w', '1'), stub('v'), { text: 'Stop.' })],
    dropped: [],
  });
  expect(paired(model(call('w'))).contents).toEqual([model(call('w')), user(stub('w'))]);
});

test('a result that comes late is moved to its call, and leaves no empty turn', () => {
  expect(paired(model(call('w')), user({ text: 'Wait.' }), model({ text: 'I wait.' }), user(result('w')))).toEqual({
    contents: [model(call('w')), user(result('w'), { text: 'Wait.' }), model({ text: 'I wait.' })],
    dropped: [],
  });
});

test('a result whose call is gone is told in words, with the media in it, and reported', () => {
  const picture = { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } };
  const seen = { functionResponse: { name: 'v', response: { output: 'Look.' }, parts: [picture] } };
  expect(paired(user(seen), model(call('w')), user(result('w'), result('w', 'more')))).toEqual({
    contents: [
      user({ text: 'The result of an earlier tool call:\n{"output":"Look."}' }, picture),
      model(call('w')),
      user(result('w'), { text: 'The result of an earlier tool call:\n{"output":"more"}' }),
    ],
    dropped: ['contents'],
  });
});

test('a name that comes again belongs to the newest call', () => {
  expect(
    paired(model(call('w')), user({ text: 'Stop.' }), model(call('w')), user(result('w', 'new'))).contents,
  ).toEqual([
    model(call('w')),
    user(result('w', 'There is no result.'), { text: 'Stop.' }),
    model(call('w')),
    user(result('w', 'new')),
  ]);
});
