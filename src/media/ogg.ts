import type { Steps } from '../lib/steps.js';

/** Opus always counts 48,000 samples a second. Source: RFC 7845, section 4. */
const OPUS_RATE = 48_000;
/** Milliseconds of one frame by the configuration in a packet's first byte. Source: RFC 6716, section 3.1. */
const FRAME_MS = [
  ...[10, 20, 40, 60, 10, 20, 40, 60, 10, 20, 40, 60],
  ...[10, 20, 10, 20],
  ...[2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20],
] as const;
const STREAM_AT = 14;
/** Flags of a page. */
const [CONTINUES, BEGINS_STREAM] = [1, 2];
/** Each has at most 255 packets. */
const PAGES_AT_ONCE = 1_000;
/** Packets before the sound: who speaks, notes, and in Vorbis its tables. */
const HEADER_PACKETS = { opus: 2, vorbis: 3 } as const;

/**
 * The time of an Ogg file with Opus or Vorbis: the most that its packets hold, or what its pages claim, whichever is more.
 * Undefined for other codecs, whose packets do not say, and where streams are mixed or follow each other: each would hide packets
 * of the others.
 *
 * Sources: RFC 3533, section 6 (pages); RFC 7845 (Opus); the Vorbis I specification, section 4.2.2 (the head).
 */
export function* oggSeconds(bytes: Buffer): Steps<number | undefined> {
  let packets = 0;
  let milliseconds = 0;
  let last = 0;
  let begins = true;
  let vorbis: VorbisHead | undefined;
  const stream = bytes.readUInt32LE(STREAM_AT);
  let pages = 0;
  for (let at = 0; at < bytes.length; pages += 1) {
    if (pages % PAGES_AT_ONCE === PAGES_AT_ONCE - 1) yield;
    if (bytes.toString('latin1', at, at + 4) !== 'OggS') return undefined;
    const flags = bytes.readUInt8(at + 5);
    if (bytes.readUInt32LE(at + STREAM_AT) !== stream || (pages > 0 && (flags & BEGINS_STREAM) !== 0)) return undefined;
    // A packet that went on and does not is dropped by its reader.
    if ((flags & CONTINUES) === 0) begins = true;
    const position = Number(bytes.readBigInt64LE(at + 6));
    if (position > last) last = position;
    const segments = bytes.readUInt8(at + 26);
    let data = at + 27 + segments;
    for (let i = 0; i < segments; i += 1) {
      const length = bytes.readUInt8(at + 27 + i);
      if (begins && length > 0) {
        if (packets === 0 && bytes.toString('latin1', data, data + 8) !== 'OpusHead') {
          vorbis = vorbisHead(bytes, data);
          if (!vorbis) return undefined;
        }
        if (vorbis) milliseconds += packets >= HEADER_PACKETS.vorbis ? vorbis.packetMs : 0;
        else if (packets >= HEADER_PACKETS.opus) milliseconds += opusPacketMs(bytes, data);
        packets += 1;
      }
      begins = length < 255;
      data += length;
    }
    at = data;
  }
  return packets > 0 ? Math.max(milliseconds / 1_000, last / (vorbis?.sampleRate ?? OPUS_RATE)) : undefined;
}

interface VorbisHead {
  readonly sampleRate: number;
  /** The most that a packet holds: half of the longer of the two blocks. */
  readonly packetMs: number;
}

function vorbisHead(bytes: Buffer, at: number): VorbisHead | undefined {
  if (bytes.toString('latin1', at, at + 7) !== '\x01vorbis') return undefined;
  const sampleRate = bytes.readUInt32LE(at + 12);
  const longest = 2 ** (bytes.readUInt8(at + 28) >> 4);
  return sampleRate === 0 ? undefined : { sampleRate, packetMs: (longest / 2 / sampleRate) * 1_000 };
}

/** The time of the packet that begins here. */
export function opusPacketMs(bytes: Buffer, at: number): number {
  const head = bytes.readUInt8(at);
  const code = head & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : bytes.readUInt8(at + 1) & 0x3f;
  return frames * (FRAME_MS[head >> 3] as number);
}
