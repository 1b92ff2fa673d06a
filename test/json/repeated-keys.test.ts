import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUnambiguous } from '../../src/json/body.js';
import { repeatsKey } from '../../src/json/repeated-keys.js';

describe('a key that stands in an object twice', () => {
  test.each([
    '{"a":1,"a":2}',
    '{"b":[{"a":1,"c":{},"a":2}]}',
    '{"a":{"x":[1,2],"y":"}"},"z":1,"z":2}',
    '{"a":1,"\\u0061":2}',
    '{"a\\"b":1,"a\\"b":2}',
  ])('is found in %s', (text) => {
    expect(repeatsKey(text)).toBe(true);
  });

  test('is found in no value that was written by JSON.stringify', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.string()), (value, names) => {
        const text = JSON.stringify({ ...Object.fromEntries(names.map((name) => [name, value])) });
        fc.pre(!text.includes('\\'));
        expect(repeatsKey(text)).toBe(false);
      }),
    );
  });
});

describe('a text is ambiguous', () => {
  test.each([
    ['a report that is asked for twice', '{"stream_options":{"include_usage":false,"include_usage":true}}'],
    ['two addresses of one picture', '{"messages":[{"content":[{"image_url":{"url":"a","url":"b"}}]}]}'],
    ['a picture that other contents hide', '{"messages":[{"content":[{"image_url":{"url":"a"}}],"content":"x"}]}'],
  ])('by %s', (_, text) => {
    expect(isUnambiguous(text)).toBe(false);
  });

  test('but not by many pictures', () => {
    const part = { type: 'image_url', image_url: { url: 'a' } };
    expect(isUnambiguous(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: [part, part] }] }))).toBe(
      true,
    );
  });
});
