import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { atOnce } from '../../src/lib/steps.js';
import { decodeHead, parseDataUrl } from '../../src/media/base64.js';
import { mediaSeconds } from '../../src/media/duration.js';
import { hasFrames, imageFrames } from '../../src/media/image-frames.js';
import { imageSize } from '../../src/media/image-size.js';
import { mediaFormat } from '../../src/media/media-type.js';
import { pdfSize } from '../../src/media/pdf-pages.js';
import {
  aac,
  claiming,
  fragmented,
  freeFrame,
  hidden,
  lateCluster,
  lowFrame,
  movingGif,
  movingPng,
  movingWebp,
  soundMp4,
  timed,
} from '../helpers/lying-media.js';
import { box, flac, gif, jpeg, mp3, mp4, opus, pdf, png, vorbis, wav, webm, webp } from '../helpers/media-files.js';

describe('the size of an image', () => {
  test.each([
    ['PNG', png(640, 480)],
    ['JPEG', jpeg(640, 480)],
    ['JPEG behind its metadata', jpeg(640, 480, 60_000)],
    ['GIF', gif(640, 480)],
    ['WEBP', webp(640, 480)],
  ])('is read from a %s', (_, bytes) => {
    expect(imageSize(bytes)).toEqual({ width: 640, height: 480 });
  });

  test.each([
    ['a header that is cut', png(640, 480).subarray(0, 18)],
    ['no width', png(0, 480)],
    ['a JPEG without a frame', Buffer.from([0xff, 0xd8, 0xff, 0xd9])],
    ['another format', Buffer.from('BM')],
    ['nothing', Buffer.alloc(0)],
  ])('is not known for %s', (_, bytes) => {
    expect(imageSize(bytes)).toBeUndefined();
  });
});

describe('the pictures of an animation', () => {
  test.each([
    ['GIF', movingGif(30, 800, 600)],
    ['PNG', movingPng(30, 800, 600)],
    ['PNG behind long notes', movingPng(30, 800, 600, 90_000)],
    ['WEBP', movingWebp(30, 800, 600)],
  ])('are counted, each as large as the largest: %s', (_, bytes) => {
    expect(hasFrames(bytes.subarray(0, 4_096))).toBe(true);
    expect(atOnce(imageFrames(bytes))).toEqual({ count: 30, size: { width: 800, height: 600 } });
  });

  test.each([
    ['PNG', png(640, 480)],
    ['JPEG', jpeg(640, 480)],
  ])('are not looked for in a plain %s', (_, bytes) => {
    expect(hasFrames(bytes)).toBe(false);
  });

  test.each([
    ['a GIF that is cut', movingGif(30, 800, 600).subarray(0, 20)],
    ['a JPEG', jpeg(1, 1)],
  ])('are not known for %s', (_, bytes) => {
    expect(atOnce(imageFrames(bytes))).toBeUndefined();
  });
});

describe('the pages of a PDF', () => {
  test.each([1, 3, 40])('are counted: %i', (pages) => {
    expect(pdfSize(pdf(pages))?.pages).toBe(pages);
    expect(pdfSize(pdf(pages, { compressed: true }))?.pages).toBe(pages);
  });

  test('are as many as there are, whatever the tree claims', () => {
    expect(pdfSize(pdf(600, { claims: 1 }))?.pages).toBe(600);
    expect(pdfSize(pdf(600, { claims: 1, compressed: true }))?.pages).toBe(600);
    expect(pdfSize(pdf(2, { claims: 900 }))?.pages).toBe(900);
  });

  test('show at least their text', () => {
    const text = 'word '.repeat(2_000);
    expect(pdfSize(pdf(3, { text }))?.textBytes).toBeGreaterThanOrEqual(3 * text.length);
    expect(pdfSize(pdf(1, { text: `(${text})` }))?.textBytes).toBeGreaterThanOrEqual(text.length);
  });

  test.each([
    ['one page many times', pdf(600, { onePage: true })],
    ['one text many times', pdf(600, { oneText: true })],
    ['a header and nothing else', Buffer.from('%PDF-1.7\n')],
    ['an encrypted file', Buffer.concat([pdf(1), Buffer.from('<< /Encrypt 9 0 R >>')])],
    [
      'names that hide what they say',
      Buffer.from(pdf(2).toString('latin1').replaceAll('/Page ', '/P#61ge '), 'latin1'),
    ],
    [
      'a list of pages with a comment',
      Buffer.from(pdf(2).toString('latin1').replace('/Kids [', '/Kids %x\n['), 'latin1'),
    ],
    [
      'a filter that is not read',
      Buffer.from(pdf(1).toString('latin1').replace('/FlateDecode', '/LZWDecode  '), 'latin1'),
    ],
    ['a file that is too large to look into', Buffer.concat([pdf(1), Buffer.alloc(5_000_000)])],
  ])('are not known for %s', (_, bytes) => {
    expect(pdfSize(bytes)).toBeUndefined();
  });
});

describe('a PDF that is made to take long', () => {
  const begun = '%PDF-1.4\n/Type /Pages /Type /Page ';
  test.each([
    ['one number', `${begun}/Kids [${'1'.repeat(3_000_000)}]`],
    ['contents that begin and do not end', `${begun}/Kids [1 0 R] ${'/Contents['.repeat(300_000)}`],
    ['streams behind long numbers', begun + `${'1'.repeat(3_900)} obj<<>>stream\n\nendstream `.repeat(900)],
    ['streams of one object', begun + '1 0 obj<<>>stream\n\nendstream '.repeat(90_000)],
    ['filters that begin and do not end', begun + `1 0 obj<<${'/F['.repeat(1_300)}>>stream\n\nendstream `.repeat(900)],
    ['names without an end', begun + '/a#'.repeat(1_200_000)],
    ['hexadecimal texts without an end', begun + '<a> '.repeat(900_000)],
  ])('of %s is looked at once', (_, file) => {
    const before = process.cpuUsage();
    pdfSize(Buffer.from(file, 'latin1'));
    const { user, system } = process.cpuUsage(before);
    // Hours, where a pattern begins anew at each place.
    expect((user + system) / 1e6).toBeLessThan(5);
  });

  test.each([
    ['the number of whose stream is not to be seen', `${' '.repeat(60)}0 obj`],
    ['whose dictionary is too long to be read', `9 0 obj << /Note (${'x'.repeat(5_000)}) >>`],
  ])('%s may show its contents many times', (_, head) => {
    const contents = `9 0 obj [${'5001 0 R '.repeat(1_000)}]`;
    const file = pdf(1)
      .toString('latin1')
      .replace('trailer', `${head}\nstream\nBT (x) Tj ET\nendstream\n${contents}\ntrailer`);
    expect(pdfSize(Buffer.from(file, 'latin1'))).toBeUndefined();
  });
});

describe('the seconds of sound and video', () => {
  test.each([
    ['WAV', wav(3), 3],
    ['WAV that claims less', wav(60, 1), 60],
    ['MP3', mp3(100), 2.612],
    ['MP4', mp4(12), 12],
    ['MP4 whose movie claims less than its track', mp4(3_600, 1), 3_600],
    ['MP4 with an edit list', mp4(2, 2, box('trak', box('edts', box('elst', edits(90_000))))), 90],
    ['Opus', opus(500), 10],
    ['Opus that claims less', opus(500, 1), 10],
    ['Opus that claims more', opus(1, 48_000 * 60), 60],
    ['FLAC that claims less', flac(100, 0), 148.6],
    ['FLAC with sound that looks like the head of a frame', withFalseHead(flac(100, 0)), 148.6],
    ['FLAC that claims more', flac(1, 44_100 * 60), 60],
    ['Vorbis that claims less', vorbis(1_000, 0), 23.2],
    ['Vorbis that claims more', vorbis(1, 44_100 * 60), 60],
    ['WebM', webm(5_000, { sized: true }), 100],
    ['WebM as a browser records it', webm(5_000, { sized: false }), 100],
    ['WebM that names its codec first', webm(5_000, { sized: true, codecFirst: true }), 100],
  ])('of %s', (_, bytes, seconds) => {
    expect(mediaSeconds(bytes)).toBeCloseTo(seconds, 1);
  });

  test('of a WAV are exact, whatever stands before its samples', () => {
    const plain = wav(60);
    expect(mediaSeconds(plain)).toBe(60);
    const note = Buffer.concat([Buffer.from('LIST'), Buffer.from([5, 0, 0, 0]), Buffer.from('INFOx\0')]);
    expect(mediaSeconds(Buffer.concat([plain.subarray(0, 36), note, plain.subarray(36)]))).toBe(60);
  });

  test.each([
    [
      'MP4 with a fragment of no track',
      Buffer.concat([mp4(1), box('moof', box('traf', box('tfhd', Buffer.alloc(8, 1))))]),
    ],
    ['MP4 that is cut', mp4(1).subarray(0, 60)],
    ['WAV with another codec', changed(wav(1), 20, 85)],
    ['WAV of one sample a second', changed(wav(1), 24, 1, 0)],
    ['WebM with sound that does not say', webm(5_000, { sized: true, codec: 'A_VORBIS' })],
    ['WebM that is cut', webm(5, { sized: true }).subarray(0, 90)],
    ['FLAC without a rate', changed(flac(1, 0), 18, 0, 0, 0)],
    ['text', Buffer.from('hello')],
  ])('are not known for %s', (_, bytes) => {
    expect(mediaSeconds(bytes)).toBeUndefined();
  });

  test.each([
    ['MP4 in fragments', fragmented({ runs: [100, 200] }), 300],
    ['MP4 in fragments that give each sample its time', fragmented({ runs: [100], each: 3_000 }), 300],
    ['MP4 in fragments whose sizes have 64 bits', fragmented({ runs: [100, 200], long: true }), 300],
    ['MP4 in fragments that begin late', fragmented({ runs: [100], begins: 3_600_000 }), 3_700],
    ['MP4 whose table of times names one sample of many', soundMp4({ samples: 5_000, times: [[1, 1_000]] }), 5_000],
    // 1,024 samples at 8 kHz.
    ['AAC in an MP4 whose samples have next to no time', soundMp4({ samples: 50_000, times: [[50_000, 0]] }), 6_400],
    ['AAC', aac(1_000), 128],
    ['AAC behind one frame of MP3', Buffer.concat([mp3(1), aac(1_000)]), 128],
    ['AAC in a frame of MP3 that no other follows', hidden(aac(20), 50), 128],
    ['MP3 of a rate that no table has', Buffer.concat(Array.from({ length: 1_000 }, () => freeFrame())), 144],
    [
      'MP3 in a frame of MP3 that no other follows',
      hidden(Buffer.concat(Array.from({ length: 10 }, lowFrame)), 50),
      36,
    ],
    ['MP3 whose first frame claims more', claiming(mp3(10), 138_000), 3_600],
    ['WAV that claims to be read more slowly', changed(wav(60), 28, 0x40, 0x1f, 0, 0), 120],
    ['WebM whose last cluster begins late, in a number of eight bytes', lateCluster(), 36_000],
  ])('of %s are at least what a reader finds', (_, bytes, seconds) => {
    const found = mediaSeconds(bytes);
    expect(found).toBeGreaterThanOrEqual(seconds * 0.999);
    expect(found).toBeLessThan(seconds * 2 + 40);
  });

  test.each([
    ['two streams of Ogg that hide packets of each other', changed(opus(50), 14, 1)],
    ['Ogg that goes on with another stream', Buffer.concat([opus(1), changed(opus(50), 5, 2)])],
    ['MP4 with a second media header', mp4(1, 1, box('trak', box('mdia', Buffer.concat([timed(1), timed(1)]))))],
    ['MP4 with tracks where some players look', mp4(1, 1, box('udta', box('trak', box('mdia', timed(3_600)))))],
    ['MP4 with a compressed head', mp4(1, 1, box('cmov', Buffer.alloc(8)))],
    ['MP4 with sound in another codec', soundMp4({ samples: 10, times: [[10, 1]], codec: 'alac' })],
    ['MP4 with sound whose description hides another', soundMp4({ samples: 10, times: [[10, 1]], flags: 0x40 })],
    ['WAV that says its format twice', Buffer.concat([wav(1).subarray(0, 36), wav(1).subarray(12)])],
    ['WebM whose tracks follow its sound', webm(10, { sized: true, tracksLast: true })],
    ['WebM whose packets are packed', webm(10, { sized: true, packed: true })],
  ])('are not known for %s', (_, bytes) => {
    expect(mediaSeconds(bytes)).toBeUndefined();
  });

  test('of noise that begins like an MP3 are at most those of the lowest rate', () => {
    const noise = Buffer.concat([mp3(2), randomBytes(100_000)]);
    expect(mediaSeconds(noise)).toBeLessThan(110);
    expect(mediaSeconds(noise)).toBeGreaterThan(1);
  });
});

describe('a format', () => {
  test.each([
    ['png', png(1, 1)],
    ['jpeg', jpeg(1, 1)],
    ['gif', gif(1, 1)],
    ['webp', webp(1, 1)],
    ['pdf', pdf(1)],
    ['pdf', Buffer.concat([Buffer.alloc(1_000), Buffer.from('%PDF-1.4')])],
    ['wav', wav(1)],
    ['mp3', mp3(1)],
    ['mp4', mp4(1)],
    ['ogg', opus(1)],
    ['zip', Buffer.from('PK\x03\x04')],
    [undefined, Buffer.from('plain text')],
    [undefined, Buffer.alloc(0)],
  ])('is told by the first bytes: %s', (format, bytes) => {
    expect(mediaFormat(bytes)).toBe(format);
  });
});

describe('a data URL', () => {
  test.each([
    ['data:image/png;base64,QUJD', 'image/png', 'ABC'],
    ['DATA:Image/PNG;charset=x;BASE64,QU JD\n', 'image/png', 'ABC'],
    ['data:text/plain,A%20B', 'text/plain', 'A B'],
    ['data:,%zz', '', '%zz'],
  ])('%s', (url, mediaType, text) => {
    const parsed = parseDataUrl(url);
    expect(parsed?.mediaType).toBe(mediaType);
    expect(decodeHead(parsed?.base64 ?? '', 100).toString()).toBe(text);
  });

  test.each(['https://example.com/a.png', 'data:nothing', 'QUJD'])('%s is not one', (url) => {
    expect(parseDataUrl(url)).toBeUndefined();
  });
});

function edits(duration: number): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32BE(1, 4);
  bytes.writeUInt32BE(duration, 8);
  return bytes;
}

function changed(bytes: Buffer, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [index, value] of values.entries()) copy.writeUInt8(value, at + index);
  return copy;
}

/** A FLAC file that ends with sound whose bytes are those of a frame's head, but for a number that none has. */
function withFalseHead(file: Buffer): Buffer {
  return Buffer.concat([file, Buffer.from([0xff, 0xf8, 0x69, 0x08, 0xff]), Buffer.alloc(16)]);
}
