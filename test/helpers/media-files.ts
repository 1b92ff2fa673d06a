import { deflateSync } from 'node:zlib';

/** A PNG of this size; its header alone, which is all that says so. */
export function png(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write('\x89PNG\r\n\x1a\n', 0, 'latin1');
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

/** A JPEG of this size, its frame behind metadata of this length. */
export function jpeg(width: number, height: number, metadata = 20): Buffer {
  const app1 = Buffer.alloc(metadata + 2);
  app1.writeUInt16BE(0xffe1, 0);
  app1.writeUInt16BE(metadata, 2);
  const frame = Buffer.from([0xff, 0xc0, 0, 17, 8, 0, 0, 0, 0, 3, 1, 17, 0, 2, 17, 1, 3, 17, 1]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), app1, frame, Buffer.from([0xff, 0xd9])]);
}

/** A GIF of this size. */
export function gif(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.write('GIF89a', 0, 'latin1');
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  return bytes;
}

/** A WEBP of this size in the extended form. */
export function webp(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.write('RIFF\0\0\0\0WEBPVP8X', 0, 'latin1');
  bytes.writeUIntLE(width - 1, 24, 3);
  bytes.writeUIntLE(height - 1, 27, 3);
  return bytes;
}

/** How a PDF is written. */
export interface PdfOptions {
  /** The text of each page. @default 'Hello' */
  readonly text?: string;
  /** Page objects and the tree are in a compressed object stream. */
  readonly compressed?: boolean;
  /** The number of pages that the tree claims. @default the truth */
  readonly claims?: number;
  /** All pages are one object, referred to many times. */
  readonly onePage?: boolean;
  /** All pages show the same contents. */
  readonly oneText?: boolean;
}

/** A PDF of so many pages. */
export function pdf(pages: number, options: PdfOptions = {}): Buffer {
  const { text = 'Hello', compressed = false, claims = pages, onePage = false, oneText = false } = options;
  const first = 10;
  const kids = Array.from({ length: pages }, (_, i) => `${first + (onePage ? 0 : i)} 0 R`).join(' ');
  const objects = [
    [1, '<< /Type /Catalog /Pages 2 0 R >>'],
    [2, `<< /Type /Pages /Kids [${kids}] /Count ${claims} >>`],
    ...Array.from({ length: onePage ? 1 : pages }, (_, i) => [
      first + i,
      `<< /Type /Page /Parent 2 0 R /Contents ${5_000 + (oneText ? 0 : i)} 0 R >>`,
    ]),
  ] as const;
  const streams = Array.from({ length: oneText ? 1 : pages }, (_, i) =>
    stream(5_000 + i, '/Filter /FlateDecode', deflateSync(Buffer.from(`BT /F1 12 Tf (${text}) Tj ET`))),
  );
  const body = compressed
    ? [stream(4_000, '/Type /ObjStm /Filter /FlateDecode', deflateSync(objects.map(([, value]) => value).join(' ')))]
    : objects.map(([number, value]) => Buffer.from(`${number} 0 obj\n${value}\nendobj\n`));
  return Buffer.concat([
    Buffer.from('%PDF-1.7\n'),
    ...body,
    ...streams,
    Buffer.from('trailer << /Root 1 0 R >>\n%%EOF\n'),
  ]);
}

function stream(number: number, dictionary: string, data: Buffer): Buffer {
  const head = Buffer.from(`${number} 0 obj\n<< ${dictionary} /Length ${data.length} >>\nstream\n`);
  return Buffer.concat([head, data, Buffer.from('\nendstream\nendobj\n')]);
}

/** A WAV file of so many seconds of 8 kHz mono; its header may claim another length. */
export function wav(seconds: number, claims = seconds): Buffer {
  const rate = 8_000;
  const bytes = Buffer.alloc(44 + seconds * rate * 2);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + claims * rate * 2, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(claims * rate * 2, 40);
  return bytes;
}

/** An MP3 file of so many frames at 128 kbit/s and 44.1 kHz: 26.12 ms each. */
export function mp3(frames: number): Buffer {
  const frame = Buffer.alloc(417);
  frame.writeUInt32BE(0xfffb9000, 0);
  return Buffer.concat(Array.from({ length: frames }, () => frame));
}

/** An MP4 file of so many seconds; its movie header may claim another length than its track. */
export function mp4(seconds: number, claims = seconds, extra: Buffer = Buffer.alloc(0)): Buffer {
  const scale = 1_000;
  const head = (length: number) => {
    const bytes = Buffer.alloc(32);
    bytes.writeUInt32BE(scale, 12);
    bytes.writeUInt32BE(length * scale, 16);
    return bytes;
  };
  const media = box('mdia', box('mdhd', head(seconds)));
  return Buffer.concat([
    box('ftyp', Buffer.from('isom\0\0\0\0')),
    box('moov', Buffer.concat([box('mvhd', head(claims)), box('trak', media), extra])),
    box('mdat', Buffer.alloc(100)),
  ]);
}

/** A box of an MP4 file. */
export function box(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** The same box with its size in 64 bits. */
export function longBox(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(1, 0);
  head.write(type, 4, 'latin1');
  head.writeBigUInt64BE(BigInt(16 + body.length), 8);
  return Buffer.concat([head, body]);
}

/** An Ogg file with so many packets of Opus of 20 ms; its pages may claim another position. */
export function opus(packets: number, claims = packets * 960): Buffer {
  const page = (position: number, contents: readonly Buffer[]) => {
    const head = Buffer.alloc(27 + contents.length);
    head.write('OggS', 0, 'latin1');
    head.writeBigInt64LE(BigInt(position), 6);
    head.writeUInt8(contents.length, 26);
    for (const [index, content] of contents.entries()) head.writeUInt8(content.length, 27 + index);
    return Buffer.concat([head, ...contents]);
  };
  const packet = Buffer.from([0b01111000, 1, 2, 3]);
  const pages = [page(0, [Buffer.from('OpusHead\x01\x01')]), page(0, [Buffer.from('OpusTags')])];
  for (let left = packets; left > 0; left -= 100) {
    pages.push(
      page(
        claims,
        Array.from({ length: Math.min(100, left) }, () => packet),
      ),
    );
  }
  return Buffer.concat(pages);
}

/** A FLAC file of so many frames of silence, each of 65,536 samples at 44.1 kHz; its head claims so many samples. */
export function flac(frames: number, claims: number): Buffer {
  const head = Buffer.alloc(42);
  head.write('fLaC', 0, 'latin1');
  head.writeUInt8(0x80, 4);
  head.writeUIntBE(34, 5, 3);
  head.writeUIntBE(44_100 << 4, 18, 3);
  head.writeUInt32BE(claims, 22);
  const begun = Buffer.from([0xff, 0xf8, 0x79, 0x08, 0x00, 0xff, 0xff]);
  let crc = 0;
  for (const byte of begun) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x80 ? 0x07 : 0)) & 0xff;
  }
  const frame = Buffer.concat([begun, Buffer.from([crc, 0, 0, 0, 0, 0])]);
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame), Buffer.alloc(16)]);
}

/** An Ogg file of so many packets of Vorbis, each of at most 1,024 samples at 44.1 kHz; its pages claim so many samples. */
export function vorbis(packets: number, claims: number): Buffer {
  const identity = Buffer.alloc(30);
  identity.write('\x01vorbis', 0, 'latin1');
  identity.writeUInt32LE(44_100, 12);
  identity.writeUInt8(0xb8, 28);
  const contents = [identity, Buffer.from('\x03vorbis'), Buffer.from('\x05vorbis')];
  for (let left = packets; left > 0; left -= 1) contents.push(Buffer.from([0, 0]));
  const pages: Buffer[] = [];
  for (let at = 0; at < contents.length; at += 200) {
    const on = contents.slice(at, at + 200);
    const head = Buffer.alloc(27 + on.length);
    head.write('OggS', 0, 'latin1');
    head.writeBigInt64LE(BigInt(claims), 6);
    head.writeUInt8(on.length, 26);
    for (const [index, content] of on.entries()) head.writeUInt8(content.length, 27 + index);
    pages.push(head, ...on);
  }
  return Buffer.concat(pages);
}

/** How a WebM file is written. */
export interface WebmOptions {
  readonly sized: boolean;
  readonly codec?: string;
  readonly codecFirst?: boolean;
  /** The data of its track are packed. */
  readonly packed?: boolean;
  /** Its tracks are named behind its sound. */
  readonly tracksLast?: boolean;
  /** Bytes of the time of its cluster. @default a zero */
  readonly time?: Buffer;
}

/** A WebM file of so many packets of Opus of 20 milliseconds, all at one time. */
export function webm(packets: number, options: WebmOptions): Buffer {
  const { sized, codec = 'A_OPUS', codecFirst = false, packed = false, tracksLast = false } = options;
  const element = (id: string, body: Buffer, isSized = true) => {
    const size = Buffer.alloc(8);
    if (isSized) size.writeBigUInt64BE(BigInt(body.length) | (1n << 56n));
    else size.writeBigUInt64BE(0x01ff_ffff_ffff_ffffn);
    return Buffer.concat([Buffer.from(id, 'hex'), size, body]);
  };
  const members = [element('d7', Buffer.from([1])), element('86', Buffer.from(codec))];
  if (packed) members.push(element('6d80', Buffer.alloc(4)));
  const track = element('ae', Buffer.concat(codecFirst ? members.reverse() : members));
  const block = element('a3', Buffer.from([0x81, 0, 0, 0x80, 0b01111000, 1, 2, 3]));
  const cluster = [element('e7', options.time ?? Buffer.from([0])), ...Array.from({ length: packets }, () => block)];
  const segment = [element('1654ae6b', track), element('1f43b675', Buffer.concat(cluster), sized)];
  if (tracksLast) segment.reverse();
  return Buffer.concat([element('1a45dfa3', Buffer.alloc(4)), element('18538067', Buffer.concat(segment), sized)]);
}
