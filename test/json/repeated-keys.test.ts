import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseText } from '../../src/json/body.js';
import { isUnambiguous } from '../../src/json/repeated-keys.js';

const check = (text: string) => isUnambiguous(text, parseText(text).values);

describe('a text that every parser reads alike', () => {
  it.each([
    '{}',
    '[ [ ] , { } , [ [ ] ] ]',
    '{"model":"m","messages":[],"max_tokens":1}',
    '{"model":"m","messages":[{"role":"user","content":"a \\"model\\": {[,"}]}',
    '{"a":"\\\\","b":[{"a":{"a":1}},{"a":{"b":" ,:"}}],"":null}',
    '{ "__proto__" : { "a" : 1 } , "1" : [ 1 , 2 ] , "0" : "\\u00e9" }',
  ])('%s', (text) => expect(check(text)).toBe(true));

  it('is all that JSON.stringify writes without escaped keys', () => {
    const plain = fc.stringMatching(/^[\w ,:{}[\]]*$/);
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 6 }, fc.string(), fc.double(), fc.constant(null), tie('list'), tie('object')),
      list: fc.array(tie('value')),
      object: fc.dictionary(plain, tie('value')),
    }));
    fc.assert(fc.property(value, fc.nat(4), (any, indent) => check(JSON.stringify(any, null, indent))));
  });
});

describe('a text with a key that stands in an object twice', () => {
  it.each([
    '{"model":"cheap","model":"expensive"}',
    '{"model":"cheap","mod\\u0065l":"expensive"}',
    '{"mod\\u0065l":"expensive"}',
    '{"b":[{"a":1,"c":{},"a":2}]}',
    '{"a":{"x":[1,2],"y":"}"},"z":1,"z":2}',
    '{"a":{},"a":[]}',
    '{"a\\"b":1,"a\\"b":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"stream_options":{"include_usage":false,"include_usage":true}}',
    '{"messages":[{"content":[{"image_url":{"url":"a","url":"b"}}]}]}',
    '{"messages":[{"content":[{"image_url":{"url":"a"}}],"content":"x"}]}',
    '{"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"a","type":"b"}}}]}',
  ])('%s', (text) => expect(check(text)).toBe(false));

  it('is found wherever it stands, among any values', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), fc.array(fc.json()), (first, second, around) => {
        const repeated = `{"k":${first},"o":0,"k":${second}}`;
        expect(check(`{"list":[${[...around, repeated, ...around].join(' , ')}]}`)).toBe(false);
      }),
    );
  });
});
