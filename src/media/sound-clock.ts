import { frameAt } from './sound-frames.js';

/** Bytes that the head of a frame takes at most. */
const HEAD = 8;
const SYNC = 0xff;
/** Where a WAV says how many bytes a second has. Source: Microsoft, `WAVEFORMATEX`. */
const WAV_RATE_AT = 28;
/** Samples of 16 bits at 24 kHz. Source: OpenAI's guide to text to speech, output formats. */
const PCM_BYTES_PER_SECOND = 48_000;

/** Counts the time of sound that comes in pieces from a provider, which has no reason to hide any: MP3, AAC, WAV and bare samples. */
export class SoundClock {
  readonly #format: unknown;
  #seconds = 0;
  #bytes = 0;
  #bytesPerSecond: number | undefined;
  #rest: Buffer = Buffer.alloc(0);
  /** Of the next piece, since they belong to a frame that has been counted. */
  #skip = 0;

  /** @param format as `POST /audio/speech` names it. @default 'mp3' */
  constructor(format: unknown = 'mp3') {
    this.#format = format;
    if (format === 'pcm') this.#bytesPerSecond = PCM_BYTES_PER_SECOND;
  }

  /** Undefined where the format does not say, or nothing of it came. */
  get seconds(): number | undefined {
    const seconds = this.#bytesPerSecond ? this.#bytes / this.#bytesPerSecond : this.#seconds;
    return seconds > 0 ? seconds : undefined;
  }

  add(piece: Uint8Array): void {
    if (this.#format === 'wav' && this.#bytes === 0 && piece.byteLength > WAV_RATE_AT + 4)
      this.#bytesPerSecond = bufferOf(piece).readUInt32LE(WAV_RATE_AT);
    this.#bytes += piece.byteLength;
    if (this.#format === 'mp3' || this.#format === 'aac') this.#addFrames(bufferOf(piece));
  }

  #addFrames(piece: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    let at = this.#skip;
    while (at + HEAD <= bytes.length) {
      const frame = bytes[at] === SYNC ? frameAt(bytes, at) : undefined;
      if (frame?.bytes !== undefined) {
        this.#seconds += frame.seconds;
        at += frame.bytes;
      } else {
        const next = bytes.indexOf(SYNC, at + 1);
        at = next < 0 ? bytes.length : next;
      }
    }
    this.#skip = Math.max(0, at - bytes.length);
    this.#rest = Buffer.from(bytes.subarray(at));
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
