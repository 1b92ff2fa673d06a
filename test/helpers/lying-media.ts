import { box, longBox, mp3, webm } from './media-files.js';

// Files that last longer, or show more, than they say where it is looked for first.

const times = (count: number, make: () => Buffer) => Buffer.concat(Array.from({ length: count }, make));

/** AAC with heads of its own: so many frames of 1,024 samples at 8 kHz, 128 ms each, in 13 bytes. */
export function aac(frames: number): Buffer {
  return times(frames, () => Buffer.from([0xff, 0xf1, 0x6c, 0x40, 1, 0xbf, 0xfc, 0, 0, 0, 0, 0, 0]));
}

/** A frame of MP3 of a rate that no table has: 72 ms at 8 kHz, in 16 bytes. */
export function freeFrame(): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xe3, 0x08, 0]), Buffer.alloc(12)]);
}

/** A frame of MP3 of 8 kbit/s at 8 kHz: 72 ms in 72 bytes. */
export function lowFrame(): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xe3, 0x18, 0]), Buffer.alloc(68)]);
}

/** So many large frames of MP3 that none of their like follows: a decoder passes over each head and finds what is inside. */
export function hidden(inside: Buffer, count: number): Buffer {
  const frame = Buffer.alloc(1_441);
  frame.writeUInt32BE(0xfffbe800);
  inside.copy(frame, 4);
  return times(count, () => frame);
}

/** An MP3 whose first frame says that there are so many. */
export function claiming(file: Buffer, frames: number): Buffer {
  const copy = Buffer.from(file);
  copy.write('Xing', 36, 'latin1');
  copy.writeUInt32BE(1, 40);
  copy.writeUInt32BE(frames, 44);
  return copy;
}

/** A WebM whose cluster begins after ten hours, which it says in eight bytes. */
export function lateCluster(): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(36_000_000n);
  return webm(1, { sized: true, time });
}

/** The head of a movie or of a track, of a length in seconds. */
export function timed(seconds: number, type = 'mdhd'): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32BE(1_000, 12);
  bytes.writeUInt32BE(seconds * 1_000, 16);
  return box(type, bytes);
}

const numbers = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
};
const handler = (kind: string) => box('hdlr', Buffer.concat([Buffer.alloc(8), Buffer.from(kind), Buffer.alloc(13)]));
const trackHead = () => box('tkhd', numbers(0, 0, 0, 1, 0, 0));

interface SoundMp4 {
  readonly samples: number;
  /** The table of times: how many samples have which one, in thousandths of a second. */
  readonly times: readonly (readonly [count: number, delta: number])[];
  readonly codec?: string;
  /** Of the descriptor of its stream. */
  readonly flags?: number;
}

/** An MP4 with a track of AAC of 8 kHz, whose heads claim no time at all. */
export function soundMp4({ samples, times: table, codec = 'mp4a', flags = 0 }: SoundMp4): Buffer {
  const config = [0x05, 2, 0x15, 0x88];
  const decoder = [0x04, 13 + config.length, 0x40, 0x15, ...Array(11).fill(0), ...config];
  const descriptor = Buffer.from([0, 0, 0, 0, 0x03, 3 + decoder.length, 0, 1, flags, ...decoder]);
  const entry = box(codec, Buffer.concat([Buffer.alloc(28), box('esds', descriptor)]));
  const tables = [
    box('stsd', Buffer.concat([numbers(0, 1), entry])),
    box('stts', numbers(0, table.length, ...table.flat())),
    box('stsz', numbers(0, 1, samples)),
  ];
  const media = [timed(0), handler('soun'), box('minf', box('stbl', Buffer.concat(tables)))];
  return file(box('trak', Buffer.concat([trackHead(), box('mdia', Buffer.concat(media))])));
}

interface Fragmented {
  /** Samples of each fragment; a second each. */
  readonly runs: readonly number[];
  /** What each sample says that it lasts, in thousandths of a second. */
  readonly each?: number;
  /** When the fragments say that they begin, in thousandths of a second. */
  readonly begins?: number;
  /** True: the sizes of the runs have 64 bits. */
  readonly long?: boolean;
}

/** A video in fragments. */
export function fragmented({ runs, each, begins, long = false }: Fragmented): Buffer {
  const media = box('mdia', Buffer.concat([timed(0), handler('vide')]));
  const track = box('trak', Buffer.concat([trackHead(), media]));
  const defaults = box('mvex', box('trex', numbers(0, 1, 1, 1_000, 0, 0)));
  const fragments = runs.map((samples) => {
    const run =
      each === undefined ? numbers(0, samples) : numbers(0x100, samples, ...Array<number>(samples).fill(each));
    const start = begins === undefined ? Buffer.alloc(0) : box('tfdt', numbers(0, begins));
    return box(
      'moof',
      box('traf', Buffer.concat([box('tfhd', numbers(0, 1)), start, (long ? longBox : box)('trun', run)])),
    );
  });
  return Buffer.concat([file(Buffer.concat([track, defaults])), ...fragments]);
}

function file(inside: Buffer): Buffer {
  return Buffer.concat([
    box('ftyp', Buffer.from('isom\0\0\0\0')),
    box('moov', Buffer.concat([timed(0, 'mvhd'), inside])),
    box('mdat', mp3(1)),
  ]);
}

/** A GIF whose head says one pixel, of so many pictures of a size. */
export function movingGif(frames: number, width: number, height: number): Buffer {
  const head = Buffer.concat([Buffer.from('GIF89a'), Buffer.from([1, 0, 1, 0, 0, 0, 0])]);
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0]);
  frame.writeUInt16LE(width, 5);
  frame.writeUInt16LE(height, 7);
  return Buffer.concat([head, times(frames, () => frame), Buffer.from([0x3b])]);
}

/** A PNG of so many pictures, of which the first is behind notes. */
export function movingPng(frames: number, width: number, height: number, notes = 100): Buffer {
  const chunk = (type: string, body: Buffer) =>
    Buffer.concat([numbers(body.length), Buffer.from(type), body, numbers(0)]);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.concat([numbers(width, height), Buffer.alloc(5)])),
    chunk('tEXt', Buffer.alloc(notes, 'IDAT')),
    chunk('acTL', numbers(1, 0)),
    times(frames, () => Buffer.concat([chunk('fcTL', Buffer.alloc(26)), chunk('fdAT', Buffer.alloc(10))])),
    chunk('IDAT', Buffer.alloc(10)),
  ]);
}

/** A WEBP whose head says one pixel, of so many pictures of a size. */
export function movingWebp(frames: number, width: number, height: number): Buffer {
  const chunk = (type: string, body: Buffer) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body]);
  };
  const frame = Buffer.alloc(24);
  frame.writeUIntLE(width - 1, 6, 3);
  frame.writeUIntLE(height - 1, 9, 3);
  const head = chunk('VP8X', Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP'), head, times(frames, () => chunk('ANMF', frame))]);
}
