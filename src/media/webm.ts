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
  const file = new WebmFile(bytes);
  let elements = 0;
  for (let at = 0; at < bytes.length; ) {
    elements += 1;
    if (elements % ELEMENTS_AT_ONCE === 0) yield;
    const id = numberAt(bytes, at, false);
    const size = numberAt(bytes, at + id.length, true);
    const body = at + id.length + size.length;
    if (INSIDE.has(id.value)) {
      if (!file.enter(id.value)) return undefined;
      at = body;
      continue;
    }
    if (elements > MOST_ELEMENTS || size.unknown || body + size.value > bytes.length) return undefined;
    if (!file.read(id.value, body, size.value)) return undefined;
    at = body + size.value;
  }
  return file.seconds;
}

/** What the elements of a file have said so far about its time. */
class WebmFile {
  readonly #bytes: Buffer;
  /** Of a tick; 0 until the file says it. */
  #nanoseconds = 0;
  #duration = 0;
  #lastCluster = -1;
  #soundMs = 0;
  #hasSound = false;
  #track: { number?: number; isOpus?: boolean } = {};
  readonly #opus = new Set<number>();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Begins an element that holds others. @returns false where the time can't be known. */
  enter(id: number): boolean {
    if (id === TRACK) this.#track = {};
    return id !== TRACKS || !this.#hasSound;
  }

  /** Reads an element that holds a value. @returns false where the time can't be known. */
  read(id: number, body: number, size: number): boolean {
    const bytes = this.#bytes;
    switch (id) {
      case TIME_SCALE:
        if (this.#nanoseconds > 0) return false;
        this.#nanoseconds = unsigned(bytes, body, size);
        return true;
      case ENCODINGS:
        return false;
      case DURATION:
        this.#duration = size === 4 ? bytes.readFloatBE(body) : bytes.readDoubleBE(body);
        return true;
      case CLUSTER_TIME:
        this.#lastCluster = Math.max(this.#lastCluster, unsigned(bytes, body, size));
        return true;
      case TRACK_NUMBER:
        this.#track.number = unsigned(bytes, body, size);
        this.#noteOpus();
        return true;
      case CODEC:
        return this.#readCodec(bytes.toString('latin1', body, body + size));
      case SIMPLE_BLOCK:
      case BLOCK:
        this.#hasSound = true;
        this.#soundMs += blockMs(bytes, body, this.#opus);
        return true;
      default:
        return true;
    }
  }

  get seconds(): number | undefined {
    if (this.#lastCluster < 0) return undefined;
    const ticks = Math.max(this.#duration, this.#lastCluster + MOST_BLOCK_TIME);
    return Math.max((ticks * (this.#nanoseconds || DEFAULT_SCALE)) / 1e9, this.#soundMs / 1_000);
  }

  #readCodec(codec: string): boolean {
    this.#track.isOpus = codec === 'A_OPUS';
    this.#noteOpus();
    return this.#track.isOpus || !codec.startsWith('A_');
  }

  /** A track's number and codec come in any order. */
  #noteOpus(): void {
    const { number, isOpus } = this.#track;
    if (isOpus && number !== undefined) this.#opus.add(number);
  }
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
