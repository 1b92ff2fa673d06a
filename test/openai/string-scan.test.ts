import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfString, holdsControl, isPrintableAscii } from '../../src/openai/string-scan.js';

/** Any bytes, most of them at the borders of what matters. */
const bytes = fc.array(fc.oneof(fc.constantFrom(0x1f, 0x20, 0x7f, 0x80, 0x5f, 0xff), fc.nat(255)), { maxLength: 80 });
const printable = fc.array(fc.integer({ min: 0x20, max: 0x7f }), { maxLength: 80 });

function viewOf(list: readonly number[]): DataView {
  return new DataView(Uint8Array.from(list).buffer);
}

describe('a stretch of bytes', () => {
  it('is printable ASCII when every byte of it is', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, printable), fc.nat(20), (list, start) => {
        const stretch = list.slice(start);
        expect(isPrintableAscii(viewOf(list), Math.min(start, list.length), list.length)).toBe(
          stretch.every((byte) => byte >= 0x20 && byte < 0x80),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds a control character when one byte of it is', () => {
    const high = fc.array(fc.integer({ min: 0x20, max: 0xff }), { maxLength: 80 });
    fc.assert(
      fc.property(fc.oneof(bytes, high), (list) => {
        expect(holdsControl(viewOf(list), 0, list.length)).toBe(list.some((byte) => byte < 0x20));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the end of a string', () => {
  const pieces = [
    'a',
    'é',
    '日本',
    '\\n',
    '\\"',
    '\\\\',
    '\\/',
    '\\u00e9',
    '\\uD83D',
    '\\u12',
    '\\x',
    '\\',
    '\u0001',
    '"',
  ];
  const inside = fc.array(fc.constantFrom(...pieces, 'plain words'), { maxLength: 60 }).map((list) => list.join(''));

  it('is where JSON ends it, and nowhere when JSON does not allow it', () => {
    fc.assert(
      fc.property(inside, fc.constantFrom('"', '"}]}', '', '" : 1, "x"'), (text, rest) => {
        const all = new TextEncoder().encode(`"${text}${rest}`);
        const end = endOfString(new DataView(all.buffer), 1);
        const closed = /^"(?:[^"\\]|\\.)*"/su.exec(new TextDecoder().decode(all))?.[0];
        expect(end === -1 ? undefined : new TextDecoder().decode(all.subarray(0, end + 1))).toBe(
          closed !== undefined && isJson(closed) ? closed : undefined,
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
