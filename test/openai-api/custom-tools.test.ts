import { describe, expect, it } from 'vitest';
import { CustomInputReader, customArguments, customFunction, customInput } from '../../src/openai-api/custom-tools.js';

const TEXTS = ['', 'plain', '*** Begin\n"quoted"\t\\ and \\u00e9, not é', 'pairs 😀 and 𝒳', '\u0000\u001f\u2028', '"}'];

/** The pieces that a reader gives back, joined. */
function readInPieces(json: string, size: number): string {
  const reader = new CustomInputReader();
  let text = '';
  for (let at = 0; at < json.length; at += size) {
    const piece = reader.add(json.slice(at, at + size));
    expect(piece).not.toMatch(/[\ud800-\udbff]$/);
    text += piece;
  }
  return text + reader.end();
}

describe('the input of a custom tool', () => {
  it.each(TEXTS)('is the text in the one field, whole and however it is cut: %j', (text) => {
    const escaped = `{"input":"${[...text].map((c) => [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')).join('')}"}`;
    for (const json of [customArguments(text), ` { "input" : ${JSON.stringify(text)} } `, escaped]) {
      expect(customInput(json)).toBe(text);
      for (const size of [1, 2, 3, 7]) expect(readInPieces(json, size)).toBe(text);
    }
  });

  it.each([
    ['{"input":"*** Begin\\nPat', '*** Begin\nPat'],
    ['{"input":"cut in an escape\\', 'cut in an escape'],
    ['{"input":"a line\nas it is"}', 'a line\nas it is'],
    ['{"note":1,"input":"second"}', 'second'],
    ['{"input":5}', '{"input":5}'],
    ['not JSON', 'not JSON'],
    ['', ''],
  ])('is what can be read of arguments that are something else: %j', (json, input) => {
    expect([customInput(json), readInPieces(json, 1)]).toEqual([input, input]);
  });

  it('is read in a time that grows with its length alone', () => {
    const json = customArguments('line "x"\n'.repeat(200_000));
    const reader = new CustomInputReader();
    let length = 0;
    for (let at = 0; at < json.length; at += 1_000) length += reader.add(json.slice(at, at + 1_000)).length;
    expect(length).toBe(9 * 200_000);
    expect(customInput(json)).toHaveLength(9 * 200_000);
  });
});

it('a function that stands for a custom tool tells the model the grammar', () => {
  const grammar = { syntax: 'lark', definition: 'start: "a"' };
  expect(customFunction({ name: 'patch', description: 'Patches.', grammar })).toMatchObject({
    name: 'patch',
    description: 'Patches.\n\nThe input must match this lark grammar:\nstart: "a"',
    parameters: { required: ['input'], additionalProperties: false },
  });
  expect(customFunction({ name: 'note' })).not.toHaveProperty('description');
});
