import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeInParts } from '../../src/json/write-in-parts.js';

const text = async (value: unknown, partLength: number) =>
  Buffer.concat(await writeInParts(value, partLength)).toString();

test('a value that is written a part at a time has the text that it has at once', async () => {
  const parts = fc.integer({ min: 1, max: 200 });
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }), parts, async (value, partLength) => {
      expect(await text(value, partLength)).toBe(Buffer.from(JSON.stringify(value)).toString());
    }),
    { numRuns: 400 },
  );
});

test('what is undefined is left out, and is null in a list', async () => {
  const value = { a: undefined, b: [undefined, 'x'.repeat(20)], c: { d: undefined, e: 'y'.repeat(20) } };
  for (const partLength of [1, 10, 50, 1_000]) expect(await text(value, partLength)).toBe(JSON.stringify(value));
});

test.each(['\u{1f600}'.repeat(9), '\ud83d\ud83d\ude00x'.repeat(5), '"\\\n\u2028'.repeat(9)])(
  'no letter and no escape is cut: %j',
  async (value) => {
    for (let partLength = 1; partLength < 20; partLength += 1)
      expect(JSON.parse(await text([value], partLength))).toEqual([value]);
  },
);
