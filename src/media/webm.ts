import type { Steps } from '../lib/steps.js';
import { opusPacketMs } from './ogg.js';

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TIME_SCALE = 0x2ad7b1;
const DURATION = 0x4489;
const CLUSTER = 0x1f43b675;
const CLUSTER_TIME = 0xe7;
const TRACKS = 0x1654ae6b;
const TRACK = 0xae;
const TRACK_NUMBER = 0xd7;
const CODEC = 0x86;
/** How the data of a track are packed: their first bytes may be left out. */
const ENCODINGS = 0x6d80;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;
const INSIDE = new Set([SEGMENT, INFO, CLUSTER, TRACKS, TRACK, BLOCK_GROUP]);
/** Nanoseconds of a tick. */
const DEFAULT_SCALE = 1_000_000;
const ELEMENTS_AT_ONCE = 50_000;
/** Hours of sound in packets of 20 milliseconds. */
const MOST_ELEMENTS = 2_000_000;
/** A block's time is a signed 16-bit offset to its cluster's. */
const MOST_BLOCK_TIME = 32_767;
/** The longest packet of Opus, in milliseconds. Source: RFC 6716, section 3.2. */
const LONGEST_PACKET = 120;

/**
 * The time of a WebM or Matroska file: its claim, the time of its last cluster and all that this may hold, or what its packets
 * of sound hold, whichever is more. Undefined for sound in other codecs than Opus, whose packets do not say, and where an
 * element does not state its size; recorders in browsers leave out that of what holds other elements. Undefined, too, where tracks
 * follow sound, where their data are packed, and where the time scale is said twice.
 *
 * Source: RFC 8794 (EBML), RFC 9559 (Matroska).
 */
export function* webmSeconds(bytes: Buffer): Steps<number | undefined> {
  let nanoseconds = 0;
  let duration = 0;
  let lastCluster = -1;
  let soundMs = 0;
  let sounds = 0;
  let track: { number?: number; isOpus?: boolean } = {};
  const opus = new Set<number>();
  let elements = 0;
  for (let at = 0; at < bytes.length; ) {
    elements += 1;
    if (elements % ELEMENTS_AT_ONCE === 0) yield;
    const id = numberAt(bytes, at, false);
    const size = numberAt(bytes, at + id.length, true);
    const body = at + id.length + size.length;
    if (INSIDE.has(id.value)) {
      if (id.value === TRACK) track = {};
      if (id.value === TRACKS && sounds > 0) return undefined;
      at = body;
      continue;
    }
    if (elements > MOST_ELEMENTS || size.unknown || body + size.value > bytes.length) return undefined;
    switch (id.value) {
      case TIME_SCALE:
        if (nanoseconds > 0) return undefined;
        nanoseconds = unsigned(bytes, body, size.value);
        break;
      case ENCODINGS:
        return undefined;
      case DURATION:
        duration = size.value === 4 ? bytes.readFloatBE(body) : bytes.readDoubleBE(body);
        break;
      case CLUSTER_TIME:
        lastCluster = Math.max(lastCluster, unsigned(bytes, body, size.value));
        break;
      case TRACK_NUMBER:
        track.number = unsigned(bytes, body, size.value);
        break;
      case CODEC: {
        const codec = bytes.toString('latin1', body, body + size.value);
        track.isOpus = codec === 'A_OPUS';
        if (!track.isOpus && codec.startsWith('A_')) return undefined;
        break;
      }
      case SIMPLE_BLOCK:
      case BLOCK:
        sounds += 1;
        soundMs += blockMs(bytes, body, opus);
        break;
      default:
    }
    // They come in any order.
    if (track.isOpus && track.number !== undefined) opus.add(track.number);
    at = body + size.value;
  }
  if (lastCluster < 0) return undefined;
  const ticks = Math.max(duration, lastCluster + MOST_BLOCK_TIME);
  return Math.max((ticks * (nanoseconds || DEFAULT_SCALE)) / 1e9, soundMs / 1_000);
}

/** The time of the packets in a block; those that are laced together count as the longest there are. */
function blockMs(bytes: Buffer, body: number, opus: ReadonlySet<number>): number {
  const track = numberAt(bytes, body, true);
  if (!opus.has(track.value)) return 0;
  const flags = body + track.length + 2;
  const isLaced = (bytes.readUInt8(flags) & 0x06) !== 0;
  return isLaced ? (bytes.readUInt8(flags + 1) + 1) * LONGEST_PACKET : opusPacketMs(bytes, flags + 1);
}

/** A number whose first byte gives its length by its leading zeros; ids keep the marker bit. */
function numberAt(bytes: Buffer, at: number, isSize: boolean): { value: number; length: number; unknown: boolean } {
  const first = bytes.readUInt8(at);
  const length = Math.clz32(first) - 23;
  if (length > 8) throw new RangeError('not a number');
  let value = isSize ? first & (0xff >> length) : first;
  let ones = value === 0xff >> length;
  for (let i = 1; i < length; i += 1) {
    const byte = bytes.readUInt8(at + i);
    value = value * 256 + byte;
    ones &&= byte === 0xff;
  }
  return { value, length, unknown: isSize && ones };
}

function unsigned(bytes: Buffer, at: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length && i < 8; i += 1) value = value * 256 + bytes.readUInt8(at + i);
  return value;
}
