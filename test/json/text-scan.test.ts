import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOfText, kindOfTextSlowly } from '../../src/json/text-scan.js';

/** Any bytes, most of them at the borders of what matters. */
const bytes = fc.array(fc.oneof(fc.constantFrom(0x1f, 0x20, 0x7f, 0x80, 0xa0, 0xff), fc.nat(255)), { maxLength: 300 });
const ascii = fc.array(fc.integer({ min: 0x20, max: 0x7f }), { maxLength: 300 });
const high = fc.array(fc.integer({ min: 0x20, max: 0xff }), { maxLength: 300 });

describe.each([
  ['with vectors', kindOfText],
  ['a byte at a time', kindOfTextSlowly],
])('the kind of a text, found %s', (_, kindOf) => {
  it('is that of each byte of the stretch, whatever stands beside it', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, ascii, high), fc.nat(8), fc.nat(20), fc.nat(20), (list, offset, from, left) => {
        const all = Uint8Array.from(list).subarray(offset);
        const end = Math.max(0, all.length - left);
        const start = Math.min(from, end);
        const stretch = all.subarray(start, end);
        const unicode = stretch.some((byte) => byte > 0x7f) ? 'unicode' : 'ascii';
        expect(kindOf(all, start, end)).toBe(stretch.some((byte) => byte < 0x20) ? 'invalid' : unicode);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['invalid', 0x0a],
    ['unicode', 0xc3],
  ])('is %s for one such byte anywhere in a long text', (kind, byte) => {
    const text = new Uint8Array(200_000).fill(0x78);
    expect(kindOf(text, 0, text.length)).toBe('ascii');
    for (const at of [0, 31, 32, 65_535, 65_536, 131_071, 131_072, 199_999]) {
      text[at] = byte;
      expect(kindOf(text, 0, text.length)).toBe(kind);
      expect(kindOf(text, at + 1, text.length)).toBe('ascii');
      expect(kindOf(text, 0, at)).toBe('ascii');
      text[at] = 0x78;
    }
  });
});
