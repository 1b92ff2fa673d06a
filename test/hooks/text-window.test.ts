import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TextWindow } from '../../src/hooks/text-window.js';

/** Sends a text in pieces through a transformation, and returns all that left. */
function through(pieces: readonly string[], lookBehind: number, change: (text: string) => string): string {
  const window = new TextWindow(lookBehind);
  let sent = '';
  for (const piece of pieces) sent += window.release(change(window.add(piece)));
  return sent + change(window.held);
}

const cutAt = (text: string, points: readonly number[]) =>
  [0, ...points].map((point, i) => text.slice(point, points[i] ?? text.length));

describe('a secret that is cut', () => {
  const secret = 'sk-1234567890';
  const text = `Key: ${secret}, again ${secret}${secret} and 😀 done.`;
  const redact = (part: string) => part.replaceAll(secret, 'sk-***');
  const whole = redact(text);

  test('in two, at every point', () => {
    for (let at = 0; at <= text.length; at += 1) expect(through(cutAt(text, [at]), secret.length, redact)).toBe(whole);
  });

  test('in three, at every two points', () => {
    for (let one = 0; one <= text.length; one += 1) {
      for (let two = one; two <= text.length; two += 1) {
        expect(through(cutAt(text, [one, two]), secret.length, redact)).toBe(whole);
      }
    }
  });

  test('in any number of pieces, with any look-behind that is long enough', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(text.length)),
        fc.integer({ min: secret.length - 1, max: 200 }),
        (points, lookBehind) => {
          const sorted = [...points].sort((a, b) => a - b);
          expect(through(cutAt(text, sorted), lookBehind, redact)).toBe(whole);
        },
      ),
    );
  });

  test('letter by letter, by expressions without a fixed length', () => {
    const hide = (part: string) => part.replace(/\b\d{4,16}\b/g, '#');
    for (const number of ['1234', '12345678', '1234567890123456']) {
      expect(through([...`a ${number} b ${number}.`], 20, hide)).toBe('a # b #.');
    }
  });
});

test('any text that is not changed leaves as it is, and never half a character', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.nat(10), (pieces, lookBehind) => {
      const window = new TextWindow(lookBehind);
      const sent = pieces.map((piece) => window.release(window.add(piece)));
      expect(sent.join('') + window.held).toBe(pieces.join(''));
      for (const piece of sent) expect(Buffer.from(piece).toString()).toBe(piece);
    }),
  );
});
