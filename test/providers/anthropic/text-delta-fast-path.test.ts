import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWords } from '../../../src/providers/anthropic/text-delta-fast-path.js';

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', '\n', '\t', '/', 'u', '\u0000', '\ud800'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
});
const event = (index: number, delta: object) => JSON.stringify({ type: 'content_block_delta', index, delta });

describe('an event of words, read by its layout', () => {
  it('says what a JSON parser says', () => {
    const delta = fc.oneof(
      text.map((words) => ({ type: 'text_delta', text: words })),
      text.map((words) => ({ type: 'thinking_delta', thinking: words })),
    );
    let read = 0;
    fc.assert(
      fc.property(fc.nat(9), delta, fc.nat(12), (index, words, padding) => {
        const data = event(index, words).replace(/\}$/, `${' '.repeat(padding)}}`);
        const found = readWords(data);
        if (found === undefined) {
          expect(data).toMatch(/\\u/);
          return;
        }
        expect(found).toEqual(JSON.parse(data));
        read += 1;
      }),
    );
    expect(read).toBeGreaterThan(10);
  });

  it('is one however one character of it is changed, or it is left to the parser', () => {
    const data = event(1, { type: 'text_delta', text: 'a "b"\n c' });
    fc.assert(
      fc.property(
        fc.nat(data.length),
        fc.nat(1),
        fc.constantFrom('', '"', '\\', ',', '}', 'x', '0', '\t', ' '),
        (at, cut, put) => {
          const changed = data.slice(0, at) + put + data.slice(at + cut);
          const found = readWords(changed);
          if (found !== undefined) expect(found).toEqual(JSON.parse(changed));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['another order of keys', '{"index":0,"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}'],
    ['more than words', event(0, { type: 'text_delta', text: 'a', citation: {} })],
    ['words of another kind', event(0, { type: 'thinking_delta', text: 'a' })],
    ['a tenth block', event(10, { type: 'text_delta', text: 'a' })],
    ['pieces of a call', event(0, { type: 'input_json_delta', partial_json: 'a' })],
  ])('is not one with %s', (_, data) => expect(readWords(data)).toBeUndefined());
});
