import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDataUrl, standardBase64, withoutSpace } from '../../src/media/base64.js';

const bytesOf = (url: string) => Buffer.from(parseDataUrl(url)?.base64 ?? '', 'base64');

describe('a data URL', () => {
  test('stands for the octets that its percent-encoding names, UTF-8 or not', () => {
    expect(bytesOf('data:video/mp4,%00%E8%ff%00a')).toEqual(Buffer.from([0, 0xe8, 0xff, 0, 0x61]));
    expect(bytesOf('data:,a%20%F0%9F%9C%81').toString()).toBe('a \u{1f701}');
  });

  test('keeps a percent sign that begins no octet', () => {
    expect(bytesOf('data:,100%').toString()).toBe('100%');
    expect(bytesOf('data:,%zz%4').toString()).toBe('%zz%4');
    expect(bytesOf('data:,日本').toString()).toBe('日本');
  });

  test('of base64 may be percent-encoded and have spaces', () => {
    expect(parseDataUrl('DATA:IMAGE/PNG;x=y;base64,QU%4A%44%0A Rg%3D%3D')).toEqual({
      mediaType: 'image/png',
      base64: 'QUJDRg==',
    });
  });

  test('is none without its scheme or its comma', () => {
    expect(parseDataUrl('https://e.example/a,b')).toBeUndefined();
    expect(parseDataUrl('data:text/plain')).toBeUndefined();
  });
});

describe('white space in base64', () => {
  test('is taken out, however much of it there is', () => {
    expect(withoutSpace(' Q U\r\nJ\tD '.repeat(3))).toBe('QUJDQUJDQUJD');
    expect(withoutSpace('QUJ\nDRA = =\n')).toBe('QUJDRA==');
    expect(withoutSpace('Q\nQ')).toBe('QQ');
    expect(withoutSpace('_-\n8')).toBe('/+8');
  });

  test('stays in what is not base64 as a whole, so that nothing of it is lost in silence', () => {
    const broken = ['QU JD*QUJD', 'QQ== QUJD', 'QQ==\nQQ==', 'QU JD\u0000', 'QUJD====\n', 'Q Q==='];
    for (const text of broken) expect(withoutSpace(text)).toBe(text);
  });

  test('makes no difference to the bytes of any base64', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(7), (bytes, every) => {
        const base64 = Buffer.from(bytes).toString('base64');
        const spaced = base64.replaceAll(new RegExp(`.{${every + 1}}`, 'g'), '$& \r\n');
        expect(withoutSpace(spaced)).toBe(base64);
      }),
    );
  });
});

describe('base64 as every API takes it', () => {
  test.each([
    ['what is standard already', 'iVBORw0KGgo=', 'iVBORw0KGgo='],
    ['the alphabet for URLs', '_-8=', '/+8='],
    ['no padding', 'iVBORw0KGgo', 'iVBORw0KGgo='],
    ['lines', 'iVBORw0K\r\nGgo=\n', 'iVBORw0KGgo='],
  ])('is made of %s', (_, given, standard) => {
    expect(standardBase64(given)).toBe(standard);
  });

  test.each(['', '=', 'a', 'abcde', 'ab*d', 'ab=d', 'https://x.test/a.png'])('is not made of %j', (given) => {
    expect(standardBase64(given)).toBeUndefined();
  });
});
