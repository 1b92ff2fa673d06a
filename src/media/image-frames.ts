import type { Steps } from '../lib/steps.js';
import { type ImageSize, imageSize } from './image-size.js';
import { mediaFormat } from './media-type.js';

/** The pictures of an animation. */
export interface ImageFrames {
  readonly count: number;
  /** What holds the largest of them: some readers go by that, and not by the size in the head. */
  readonly size: ImageSize;
}

const BLOCKS_AT_ONCE = 50_000;

/**
 * True for a file that may hold more than one picture, or one that is larger than its head says.
 *
 * @param head its beginning.
 */
export function hasFrames(head: Buffer): boolean {
  switch (mediaFormat(head)) {
    case 'gif':
      return true;
    case 'webp':
      return head.toString('latin1', 12, 16) === 'VP8X';
    case 'png':
      return !showsPlainPng(head);
    default:
      return false;
  }
}

/**
 * All pictures of a GIF, a PNG or a WEBP; undefined for other files and for those that are cut.
 *
 * Sources: the GIF89a specification, sections 18 to 27; the PNG specification, third edition, section 11.3 (APNG); the WebP
 * container specification.
 */
export function* imageFrames(bytes: Buffer): Steps<ImageFrames | undefined> {
  const size = imageSize(bytes);
  if (!size) return undefined;
  try {
    switch (mediaFormat(bytes)) {
      case 'gif':
        return yield* gifFrames(bytes, size);
      case 'png':
        return yield* pngFrames(bytes, size);
      case 'webp':
        return yield* webpFrames(bytes, size);
      default:
        return undefined;
    }
  } catch (thrown) {
    // A read past the end: the file is cut.
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

/** True when the data of a picture begin before anything says that there are more of them. */
function showsPlainPng(head: Buffer): boolean {
  for (let at = 8; at + 8 <= head.length; at += 12 + head.readUInt32BE(at)) {
    const type = head.toString('latin1', at + 4, at + 8);
    if (type === 'acTL') return false;
    if (type === 'IDAT') return true;
  }
  // Of a head alone: nothing follows.
  return head.length < 100;
}

function* pngFrames(bytes: Buffer, size: ImageSize): Steps<ImageFrames> {
  let [frames, claimed, chunks] = [0, 0, 0];
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    chunks += 1;
    if (chunks % BLOCKS_AT_ONCE === 0) yield;
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'acTL') claimed = bytes.readUInt32BE(at + 8);
    if (type === 'fcTL') frames += 1;
  }
  return { count: Math.max(1, frames, claimed), size };
}

const [IMAGE, EXTENSION, END] = [0x2c, 0x21, 0x3b];
const [HEAD_BYTES, IMAGE_HEAD_BYTES] = [13, 10];

function* gifFrames(bytes: Buffer, canvas: ImageSize): Steps<ImageFrames> {
  let { width, height } = canvas;
  let [frames, blocks] = [0, 0];
  let at = HEAD_BYTES + colorsAfter(bytes.readUInt8(10));
  while (at < bytes.length && bytes[at] !== END) {
    blocks += 1;
    if (blocks % BLOCKS_AT_ONCE === 0) yield;
    const kind = bytes[at];
    if (kind === EXTENSION) at = pastBlocks(bytes, at + 2);
    else if (kind === IMAGE) {
      frames += 1;
      width = Math.max(width, bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5));
      height = Math.max(height, bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7));
      at = pastBlocks(bytes, at + IMAGE_HEAD_BYTES + colorsAfter(bytes.readUInt8(at + 9)) + 1);
    } else at += 1;
  }
  return { count: Math.max(1, frames), size: { width, height } };
}

/** Bytes of the table of colors that a field of flags announces. */
function colorsAfter(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

function pastBlocks(bytes: Buffer, from: number): number {
  let at = from;
  for (let length = bytes[at] ?? 0; length > 0; length = bytes[at] ?? 0) at += 1 + length;
  return at + 1;
}

function* webpFrames(bytes: Buffer, canvas: ImageSize): Steps<ImageFrames> {
  let { width, height } = canvas;
  let [frames, chunks] = [0, 0];
  for (let at = 12; at + 8 <= bytes.length; ) {
    chunks += 1;
    if (chunks % BLOCKS_AT_ONCE === 0) yield;
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const inside = at + 8;
    if (type === 'ANMF') {
      frames += 1;
      width = Math.max(width, bytes.readUIntLE(inside + 6, 3) + 1);
      height = Math.max(height, bytes.readUIntLE(inside + 9, 3) + 1);
    }
    const alone =
      type === 'VP8 ' || type === 'VP8L' ? imageSize(asFile(bytes.subarray(at, inside + length))) : undefined;
    width = Math.max(width, alone?.width ?? 0);
    height = Math.max(height, alone?.height ?? 0);
    at = inside + length + (length % 2);
  }
  return { count: Math.max(1, frames), size: { width, height } };
}

/** A picture of a WEBP file as a file of its own, as far as its size is said there. */
function asFile(chunk: Buffer): Buffer {
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'), chunk.subarray(0, 32)]);
}
