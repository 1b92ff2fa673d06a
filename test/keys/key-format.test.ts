import { createHash, createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKey, hashKey, hasValidChecksum, keyHint } from '../../src/keys/key-format.js';

const bytes = fc.uint8Array({ minLength: 24, maxLength: 24 });

describe('a new key', () => {
  test('is the prefix, 33 base62 characters of 24 random bytes and a checksum of 6', () => {
    expect(createKey('napi-')).toMatch(/^napi-[0-9A-Za-z]{39}$/);
    expect(createKey('napi-')).not.toBe(createKey('napi-'));
    expect(createKey('x_', (length) => new Uint8Array(length))).toMatch(/^x_0{33}[0-9A-Za-z]{6}$/);
  });

  test('keeps every random bit: other bytes, another key', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const same = Buffer.compare(one, other) === 0;
        expect(createKey('napi-', () => one) === createKey('napi-', () => other)).toBe(same);
      }),
    );
  });

  test('passes its own check', () => {
    fc.assert(
      fc.property(bytes, (random) =>
        hasValidChecksum(
          createKey('napi-', () => random),
          'napi-',
        ),
      ),
    );
  });
});

describe('the check without a look-up', () => {
  test('refuses a key with any one character changed', () => {
    const key = createKey('napi-', (length) => new Uint8Array(length).fill(7));
    for (let i = 0; i < key.length; i++) {
      const other = key[i] === 'a' ? 'b' : 'a';
      expect(hasValidChecksum(key.slice(0, i) + other + key.slice(i + 1), 'napi-')).toBe(false);
    }
  });

  test.each([
    '',
    'napi-',
    'napi-abcdef',
    'sk-proj-123',
    'napi-é',
    `napi-${'a'.repeat(10_000)}`,
    ' napi-abc',
    'napi-a\u0000bc',
  ])('refuses %j', (key) => {
    expect(hasValidChecksum(key, 'napi-')).toBe(false);
  });

  test('refuses what no key holds, also under the right checksum', () => {
    expect(hasValidChecksum(withChecksum(`napi-${'a'.repeat(33)}`), 'napi-')).toBe(true);
    expect(hasValidChecksum(withChecksum(`napi-${'!'.repeat(33)}`), 'napi-')).toBe(false);
  });

  test('refuses a key of another prefix', () => {
    expect(hasValidChecksum(createKey('napi-'), 'other-')).toBe(false);
    expect(hasValidChecksum(createKey('other-'), 'napi-')).toBe(false);
  });
});

test('the stored hash is SHA-256, or HMAC-SHA-256 under a pepper', () => {
  expect(hashKey('napi-x')).toBe(createHash('sha256').update('napi-x').digest('hex'));
  expect(hashKey('napi-x', 'pepper')).toBe(createHmac('sha256', 'pepper').update('napi-x').digest('hex'));
});

test('the hint shows four characters at each end', () => {
  expect(keyHint('napi-ab12SECRETSECRETSECRETwxyz', 'napi-')).toBe('napi-ab12…wxyz');
});

/** The checksum as scanners of leaked keys compute it: CRC-32 in base62, six digits. */
function withChecksum(start: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let text = '';
  for (let rest = crc32(start); text.length < 6; rest = Math.floor(rest / 62)) text = digits.charAt(rest % 62) + text;
  return start + text;
}
