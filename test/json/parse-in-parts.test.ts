import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseInParts } from '../../src/json/parse-in-parts.js';

async function outcomeInParts(text: string, partBytes: number): Promise<unknown> {
  try {
    return { value: await parseInParts(Buffer.from(text), partBytes) };
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

function outcomeAtOnce(text: string): unknown {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return 'invalid_json';
  }
}

const parts = fc.integer({ min: 1, max: 40 });
const written = fc.tuple(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom('', ' ', '\n\t'));

describe('a text that is parsed a part at a time', () => {
  test('has the value that it has at once', async () => {
    await fc.assert(
      fc.asyncProperty(written, parts, async ([value, space], partBytes) => {
        const text = JSON.stringify(value, undefined, space);
        expect(await outcomeInParts(text, partBytes)).toEqual(outcomeAtOnce(text));
      }),
      { numRuns: 300 },
    );
  });

  test('is refused exactly when it is no JSON', async () => {
    const marks = fc.constantFrom('', ',', ':', '"', '[', ']', '{', '}', '0', ' ', '\\', ',,', '":', '[]', '\u00a0');
    await fc.assert(
      fc.asyncProperty(
        written,
        parts,
        marks,
        fc.nat(),
        fc.integer({ min: 0, max: 2 }),
        async ([value, space], partBytes, mark, at, cut) => {
          const text = JSON.stringify(value, undefined, space);
          const place = at % (text.length + 1);
          const changed = text.slice(0, place) + mark + text.slice(place + cut);
          expect(await outcomeInParts(changed, partBytes)).toEqual(outcomeAtOnce(changed));
        },
      ),
      { numRuns: 1_500 },
    );
  });

  test.each([
    '',
    ' ',
    '1',
    '1 2',
    '[1],',
    '[{"a":1},]',
    '[{"a":1} {"a":2}]',
    '[,{"a":1}]',
    '[{"a":1},,{"a":2}]',
    '{"a":{"b":[1,2,3]},"a":[4,5,6]}',
    '{"a":[4,5,6],"a":1,"b":{"c":1}}',
    '{"a":1[2]}',
    '{"a" [2]}',
    '{[2]}',
    '["a":[2]]',
    '[[1,2,3}]',
    '{"a":[1,2,3]]',
    '{"10":[1],"2":[2],"x":[3]}',
    '["long string with \\"quotes\\" and \\\\ and \\u65e5\\ud83d\\ude00 日本語 in it", "another one that is long"]',
    '{"a name that is long and has \\"quotes\\"": "a text that is long and has \\n lines"}',
    '["control \u0001 in a string that is long"]',
    '["not an escape \\x in a string that is long"]',
    '"a string that never ends',
  ])('means what it means at once: %j', async (text) => {
    for (let partBytes = 1; partBytes < 30; partBytes += 1)
      expect(await outcomeInParts(text, partBytes)).toEqual(outcomeAtOnce(text));
  });

  test('keeps names that others take for more as data', async () => {
    const value = (await parseInParts(Buffer.from('{"__proto__":{"a":[1]},"b":[1,2,3]}'), 4)) as object;
    expect(Object.keys(value)).toEqual(['__proto__', 'b']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});
