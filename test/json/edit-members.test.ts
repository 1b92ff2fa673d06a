import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editMembers } from '../../src/json/edit-members.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array | undefined) => body && new TextDecoder().decode(body);
const edited = (body: string, edits: Record<string, string | undefined>) =>
  text(editMembers(bytes(body), new Map(Object.entries(edits))));

describe('editMembers', () => {
  test('gives the same bytes back where nothing changes', () => {
    const body = bytes('{ "a" : 1 }');
    expect(editMembers(body, new Map())).toBe(body);
  });

  test('replaces, removes and adds, and keeps what stands within the others', () => {
    const body = '{"a": 1.0, "b":{"2":"x","1":"\\u00e9,\\"}"} , "c":[1,{"a":2}],"d":"€"}';
    expect(edited(body, { a: '2', d: undefined, e: 'true' })).toBe(
      '{"a": 2,"b":{"2":"x","1":"\\u00e9,\\"}"},"c":[1,{"a":2}],"e":true}',
    );
    expect(edited('{"a":1,"b":2,"c":3}', { b: undefined, c: undefined })).toBe('{"a":1}');
    expect(edited('{"a":1}', { a: undefined })).toBe('{}');
  });

  test('refuses names that stand there twice, however they are spelled', () => {
    expect(edited('{"model":"a","b":1,"mod\\u0065l":"c"}', { b: '2' })).toBeUndefined();
    expect(edited('{"b":{"model":1},"model":"a","c":{"model":2}}', { c: '0' })).toBe(
      '{"b":{"model":1},"model":"a","c":0}',
    );
  });

  test('says the same as an edit of the value', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(object, fc.option(fc.integer()), fc.string(), fc.nat({ max: 2 }), (value, to, other, indent) => {
        const name = Object.keys(value)[0] ?? other;
        fc.pre(name !== '__proto__' && !('__proto__' in value));
        const edits = new Map([[name, to === null ? undefined : JSON.stringify(to)]]);
        const expected: Record<string, unknown> = { ...value };
        if (to === null) delete expected[name];
        else expected[name] = to;
        const body = text(editMembers(bytes(JSON.stringify(value, null, indent)), edits));
        expect(JSON.parse(body ?? '')).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
    );
  });
});
