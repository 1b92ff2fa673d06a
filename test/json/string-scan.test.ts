import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfString } from '../../src/json/string-scan.js';

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
