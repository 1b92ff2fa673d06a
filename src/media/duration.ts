import { atOnce, type Steps } from '../lib/steps.js';
import { flacSeconds } from './flac.js';
import { type MediaFormat, mediaFormat } from './media-type.js';
import { mp4Seconds } from './mp4.js';
import { oggSeconds } from './ogg.js';
import { soundFrames } from './sound-frames.js';
import { webmSeconds } from './webm.js';

/**
 * The longest time that sound or video in these bytes can take, in seconds; undefined where they do not prove one.
 *
 * A container's own claim counts only where a player can't go beyond it. What is coded as silence takes next to no bytes, so
 * that bytes alone prove nothing.
 *
 * @param bytes the whole file.
 */
export function mediaSeconds(bytes: Buffer): number | undefined {
  return atOnce(mediaTime(bytes));
}

/** `mediaSeconds` in steps, since a large file takes long. */
export function* mediaTime(bytes: Buffer): Steps<number | undefined> {
  try {
    const format = mediaFormat(bytes);
    const read = format && READERS[format];
    const found = read?.(bytes);
    const seconds = typeof found === 'object' ? yield* found : found;
    return seconds !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
  } catch (thrown) {
    // A read past the end: the file is cut.
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

/** Readers that need only one step. */
type Reader = (bytes: Buffer) => number | undefined | Steps<number | undefined>;

const READERS: Partial<Record<MediaFormat, Reader>> = {
  wav: wavSeconds,
  flac: flacSeconds,
  mp3: soundFrames,
  aac: soundFrames,
  mp4: mp4Seconds,
  ogg: oggSeconds,
  webm: webmSeconds,
};

/** Below this, samples are not sound. */
const LOWEST_SAMPLE_RATE = 4_000;
/** PCM, floats, A-law, mu-law; `extensible` names one of them again. Source: RFC 2361; Microsoft, `WAVEFORMATEX`. */
const PLAIN_WAV = new Set([1, 3, 6, 7, 0xfffe]);

/**
 * All bytes behind the head of the samples count as such: the length that it claims is not looked at. Undefined where the format
 * is said twice, since readers differ in which they take. Source: Microsoft, `WAVEFORMATEX`.
 */
function wavSeconds(bytes: Buffer): number | undefined {
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    if (bytes.toString('latin1', at, at + 4) === 'fmt ') {
      const codec = bytes.readUInt16LE(at + 8);
      const channels = bytes.readUInt16LE(at + 10);
      const sampleRate = bytes.readUInt32LE(at + 12);
      const claimedRate = bytes.readUInt32LE(at + 16);
      const bits = bytes.readUInt16LE(at + 22);
      const sub = codec === 0xfffe ? bytes.readUInt16LE(at + 32) : codec;
      if (!PLAIN_WAV.has(codec) || !PLAIN_WAV.has(sub) || channels === 0 || bits < 8) return undefined;
      if (sampleRate < LOWEST_SAMPLE_RATE) return undefined;
      const samples = samplesAt(bytes, at + 8 + size);
      const bytesPerSecond = sampleRate * channels * Math.ceil(bits / 8);
      return samples && (bytes.length - samples) / Math.min(bytesPerSecond, claimedRate || bytesPerSecond);
    }
    at += 8 + size + (size % 2);
  }
  return undefined;
}

/** Where the samples begin that stand somewhere behind the format; where the format ends if there is no head of them. */
function samplesAt(bytes: Buffer, from: number): number | undefined {
  for (let at = from; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4);
    if (name === 'data') return at + 8;
    if (name === 'fmt ') return undefined;
    const size = bytes.readUInt32LE(at + 4);
    at += 8 + size + (size % 2);
  }
  return from;
}
