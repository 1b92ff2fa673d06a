import type { Steps } from '../lib/steps.js';

/** Samples per second by the code in a frame's head; 0: it stands elsewhere. Source: RFC 9639, section 9.1.2. */
const RATES = [0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000] as const;
const SYNC = 0xff;
const LONGEST_HEAD = 16;
/** Looked at between two turns. */
const PLACES_AT_ONCE = 50_000;

/**
 * The time of a FLAC file: what its frames hold, or what its head claims, whichever is more. Silence takes some ten bytes a
 * frame, and a head may claim anything.
 *
 * Source: RFC 9639, sections 8.2 (the head) and 9.1 (frames).
 */
export function* flacSeconds(bytes: Buffer): Steps<number | undefined> {
  const sampleRate = bytes.readUIntBE(18, 3) >>> 4;
  if (sampleRate === 0) return undefined;
  const claimed = ((bytes.readUInt8(21) & 0x0f) * 2 ** 32 + bytes.readUInt32BE(22)) / sampleRate;
  let seconds = 0;
  let looked = 0;
  for (let at = bytes.indexOf(SYNC, 4); at >= 0; at = bytes.indexOf(SYNC, at + 1)) {
    looked += 1;
    if (looked % PLACES_AT_ONCE === 0) yield;
    if (((bytes[at + 1] ?? 0) & 0xfe) === 0xf8)
      seconds += frameSeconds(bytes.subarray(at, at + LONGEST_HEAD), sampleRate);
  }
  return Math.max(claimed, seconds);
}

/** 0 for bytes that are not the head of a frame: its checksum says so. */
function frameSeconds(head: Buffer, sampleRate: number): number {
  if (head.length < LONGEST_HEAD) return 0;
  const [, , codes = 0, , number = 0] = head;
  const sizeCode = codes >> 4;
  const rateCode = codes & 15;
  // 0xff begins no number.
  if (sizeCode === 0 || rateCode === 15 || number === 0xff) return 0;
  let at = 5 + lettersAfter(number);
  const size = sizeOf(sizeCode, head, at);
  at += sizeCode === 6 ? 1 : sizeCode === 7 ? 2 : 0;
  const rate = rateOf(rateCode, head, at) || sampleRate;
  at += rateCode === 12 ? 1 : rateCode > 12 ? 2 : 0;
  return crc8(head.subarray(0, at)) === head[at] ? size / rate : 0;
}

/** Bytes behind the first one of a number that is coded as UTF-8 codes letters. */
function lettersAfter(first: number): number {
  return first < 0x80 ? 0 : Math.max(0, Math.clz32(~first << 24) - 1);
}

function sizeOf(code: number, head: Buffer, at: number): number {
  if (code === 1) return 192;
  if (code < 6) return 576 << (code - 2);
  if (code === 6) return head.readUInt8(at) + 1;
  if (code === 7) return head.readUInt16BE(at) + 1;
  return 256 << (code - 8);
}

function rateOf(code: number, head: Buffer, at: number): number {
  if (code < 12) return RATES[code] ?? 0;
  if (code === 12) return head.readUInt8(at) * 1_000;
  return head.readUInt16BE(at) * (code === 13 ? 1 : 10);
}

function crc8(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x80 ? 0x07 : 0)) & 0xff;
  }
  return crc;
}
