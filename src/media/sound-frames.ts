import type { Steps } from '../lib/steps.js';

/** Kilobits per second by index, for MPEG 1 and for MPEG 2 and 2.5. Source: ISO/IEC 11172-3 and 13818-3, layer III. */
const BITRATES = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;
const SAMPLE_RATES = [44_100, 48_000, 32_000] as const;
/** Samples per second of AAC by index. Source: ISO/IEC 14496-3, table 1.18. */
export const AAC_RATES = [
  ...[96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350],
] as const;
export const AAC_SAMPLES = 1_024;
/** The lowest rate that a frame can name: 8 kbit/s. */
const LEAST_BYTES_PER_SECOND = 1_000;
const SYNC = 0xff;
/** Looked at between two turns. */
const PLACES_AT_ONCE = 25_000;

/** What two frames in a row have in common: their layer and how many samples a second they have. */
const SAME_MPEG = 0xfffe0c00;
const SAME_AAC = 0xfffe3c00;

interface Frame {
  /** Undefined: where the next one begins is not said. */
  readonly bytes: number | undefined;
  readonly seconds: number;
  readonly same: number;
}

/**
 * The time of sound that is a chain of frames: MP3, or AAC with its own heads (ADTS).
 *
 * A frame counts as what it says where another one like it follows, as a decoder finds its way in. Whatever else looks like one
 * counts as well, and what lies within it is looked at; all other bytes count at the lowest rate there is. What the first frame
 * claims of the whole counts where it is more.
 */
export function* soundFrames(bytes: Buffer): Steps<number> {
  let at = id3Length(bytes);
  const claimed = claimedSeconds(bytes, at);
  let seconds = 0;
  let stray = 0;
  let looked = 0;
  while (at + 4 <= bytes.length) {
    looked += 1;
    if (looked % PLACES_AT_ONCE === 0) yield;
    const frame = mayBegin(bytes, at) ? frameAt(bytes, at) : undefined;
    seconds += frame?.seconds ?? 0;
    if (frame?.bytes !== undefined && isFollowed(bytes, at, at + frame.bytes, frame.same)) {
      at += frame.bytes;
      continue;
    }
    // In a long row of them, searching costs more than all else.
    const next = bytes[at + 1] === SYNC ? at + 1 : bytes.indexOf(SYNC, at + 1);
    const skipped = (next < 0 ? bytes.length : next) - at;
    stray += skipped;
    at += skipped;
  }
  return Math.max(claimed, seconds + stray / LEAST_BYTES_PER_SECOND);
}

/** The bits that all frames begin with, and a rate that there is. */
function mayBegin(bytes: Buffer, at: number): boolean {
  const [second = 0, third = 0] = [bytes[at + 1], bytes[at + 2]];
  return bytes[at] === SYNC && second >= 0xe0 && (second & third) !== SYNC;
}

/** Source: id3.org, ID3v2.4, section 3.1: four bytes of seven bits each. */
function id3Length(bytes: Buffer): number {
  if (bytes.toString('latin1', 0, 3) !== 'ID3') return 0;
  let size = 0;
  for (let i = 6; i < 10; i += 1) size = size * 128 + (bytes.readUInt8(i) & 0x7f);
  const end = 10 + size;
  // Other readers ignore a tag that claims the whole file, so it must not hide what follows.
  return end + 4 <= bytes.length && frameAt(bytes, end) ? end : 0;
}

/** True where the file ends, or the like of the frame at `at` begins; notes stand at the end of some files. */
function isFollowed(bytes: Buffer, at: number, next: number, same: number): boolean {
  if (next + 4 > bytes.length || bytes.toString('latin1', next, next + 3) === 'TAG') return true;
  return ((bytes.readUInt32BE(at) ^ bytes.readUInt32BE(next)) & same) === 0 && frameAt(bytes, next) !== undefined;
}

/** The frame that begins here; eight bytes from there are looked at. */
export function frameAt(bytes: Buffer, at: number): Frame | undefined {
  const head = bytes.readUInt32BE(at);
  if (head >>> 21 !== 0x7ff) return undefined;
  const layer = (head >>> 17) & 3;
  return layer === 0 ? aacFrame(bytes, at, head) : mpegFrame(head, layer);
}

function mpegFrame(head: number, layer: number): Frame | undefined {
  const version = (head >>> 19) & 3;
  const rate = BITRATES[version === 3 ? 0 : 1][(head >>> 12) & 15];
  const base = SAMPLE_RATES[(head >>> 10) & 3];
  if (version === 1 || rate === undefined || base === undefined) return undefined;
  const sampleRate = version === 3 ? base : version === 2 ? base / 2 : base / 4;
  // Of a rate that no table has: as long as a frame of any layer can be.
  if (rate === 0) return { bytes: undefined, seconds: 1_152 / sampleRate, same: SAME_MPEG };
  if (layer !== 1) return undefined;
  const samples = version === 3 ? 1_152 : 576;
  const padding = (head >>> 9) & 1;
  const length = Math.floor((samples * rate * 125) / sampleRate) + padding;
  return { bytes: length, seconds: samples / sampleRate, same: SAME_MPEG };
}

/** Source: ISO/IEC 13818-7, section 6.2 (ADTS). */
function aacFrame(bytes: Buffer, at: number, head: number): Frame | undefined {
  const rate = AAC_RATES[(head >>> 10) & 15];
  if (head >>> 20 !== 0xfff || rate === undefined || at + 7 > bytes.length) return undefined;
  const length = ((head & 3) << 11) | (bytes.readUInt16BE(at + 4) >>> 5);
  const blocks = (bytes.readUInt8(at + 6) & 3) + 1;
  return length < 7 ? undefined : { bytes: length, seconds: (blocks * AAC_SAMPLES) / rate, same: SAME_AAC };
}

/** What the first frame says of all of them. Source: the LAME tag specification (Xing, Info); Fraunhofer's (VBRI). */
function claimedSeconds(bytes: Buffer, at: number): number {
  const frame = at + 4 <= bytes.length ? frameAt(bytes, at) : undefined;
  if (frame === undefined) return 0;
  const text = bytes.toString('latin1', at, at + 64);
  const xing = /Xing|Info/.exec(text);
  if (xing && (bytes.readUInt8(at + xing.index + 7) & 1) === 1)
    return bytes.readUInt32BE(at + xing.index + 8) * frame.seconds;
  const vbri = text.indexOf('VBRI');
  return vbri < 0 ? 0 : bytes.readUInt32BE(at + vbri + 14) * frame.seconds;
}
