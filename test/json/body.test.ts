import { describe, expect, it } from 'vitest';
import { isUnambiguous } from '../../src/json/body.js';

describe('a text that every parser reads alike', () => {
  it.each([
    '{"model":"m","messages":[],"max_tokens":1}',
    '{"model":"m","messages":[{"role":"user","content":"a model"}]}',
  ])('%s', (text) => expect(isUnambiguous(text)).toBe(true));

  it.each([
    '{"model":"cheap","model":"dear"}',
    '{"model":"cheap","n":1,"n":100}',
    '{"model":"cheap","mod\\u0065l":"dear"}',
    '{"stream_options":{},"model":"m","stream_options":{}}',
    '{"max_tokens":1,"max_completion_tokens":2,"max_tokens":3}',
    '{"messages":[],"service_tier":"flex","messages":[]}',
    '{"stream":true,"model":"m","stream":false}',
  ])('not %s', (text) => expect(isUnambiguous(text)).toBe(false));

  it('and that has every field that decides about the price', () => {
    const fields = ['model', 'messages', 'max_tokens', 'max_completion_tokens', 'n', 'stream', 'stream_options'];
    const text = `{${[...fields, 'service_tier'].map((name) => `"${name}":1`).join(',')}}`;
    expect(isUnambiguous(text)).toBe(true);
    expect(isUnambiguous(text)).toBe(true);
    for (const name of [...fields, 'service_tier']) expect(isUnambiguous(`${text}"${name}"`)).toBe(false);
  });
});
