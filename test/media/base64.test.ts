import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64Text, isBase64, parseDataUrl, standardBase64, withoutSpace } from '../../src/media/base64.js';

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

describe('a long text is base64', () => {
  const LONG = 'QUJD'.repeat(60_000);

  test('of either alphabet, with padding at its end or without', () => {
    for (const end of ['', 'QQ==', 'QUI=', '_-8', 'QQ']) expect(isBase64(LONG + end)).toBe(true);
  });

  test('only if all of it is, wherever something else stands', () => {
    // A decoder that looks at the lower byte of a letter alone takes U+0141 for an A.
    const wrong = fc.constantFrom('=', ' ', '\n', '*', '.', '\u0000', '\u00c1', '\u0141', '\u{10141}');
    fc.assert(
      fc.property(fc.nat(LONG.length - 1), wrong, (at, letter) => {
        expect(isBase64(`${LONG.slice(0, at)}${letter}${LONG.slice(at)}`)).toBe(false);
      }),
    );
    expect(isBase64(`${LONG}===`)).toBe(false);
  });
});

describe('the text in base64', () => {
  test.each([
    ['of the standard alphabet', '4pyTPz8/', '✓???'],
    ['of the alphabet for URLs, without padding', 'Pz8_Pg', '???>'],
    ['in lines, as mail programs and `base64` write it', 'SGVs\r\nbG8=\n', 'Hello'],
    ['that is empty', '', ''],
  ])('is read %s', (_, base64, text) => {
    expect(decodeBase64Text(base64)).toBe(text);
  });

  test.each(['Hello, you', 'SGVsbG8=SGVsbG8=', 'SGVs\u0141bG8'])('is not read from %j', (text) => {
    expect(decodeBase64Text(text)).toBeUndefined();
  });
});
