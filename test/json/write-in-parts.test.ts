import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodedLength, encodedParts, jsonParts } from '../../src/json/write-in-parts.js';

const text = (value: unknown, partLength: number) => [...jsonParts(value, partLength)].join('');

test('a value that is written a part at a time has the text that it has at once', () => {
  const parts = fc.integer({ min: 1, max: 200 });
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }), parts, (value, partLength) => {
      expect(text(value, partLength)).toBe(Buffer.from(JSON.stringify(value)).toString());
    }),
    { numRuns: 400 },
  );
});

test('what is undefined is left out, and is null in a list', () => {
  const value = { a: undefined, b: [undefined, 'x'.repeat(20)], c: { d: undefined, e: 'y'.repeat(20) } };
  for (const partLength of [1, 10, 50, 1_000]) expect(text(value, partLength)).toBe(JSON.stringify(value));
});

test.each(['\u{1f600}'.repeat(9), '\ud83d\ud83d\ude00x'.repeat(5), '"\\\n\u2028'.repeat(9)])(
  'no letter and no escape is cut: %j',
  (value) => {
    for (let partLength = 1; partLength < 20; partLength += 1)
      expect(JSON.parse(text([value], partLength))).toEqual([value]);
  },
);

test('its length is announced before a part of it is sent', async () => {
  const value = { a: 'é'.repeat(900_000), b: ['x'.repeat(700_000), { c: '\n'.repeat(10) }] };
  const parts: Buffer[] = [];
  for await (const part of encodedParts(value)) parts.push(part);
  expect(parts.length).toBeGreaterThan(2);
  expect(Buffer.concat(parts).toString()).toBe(JSON.stringify(value));
  expect(await encodedLength(value)).toBe(Buffer.concat(parts).byteLength);
});
