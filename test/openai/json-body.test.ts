import { describe, expect, it } from 'vitest';
import { isUnambiguous } from '../../src/openai/json-body.js';

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
  ])('not %s', (text) => expect(isUnambiguous(text)).toBe(false));
});
