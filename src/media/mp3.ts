/** Kilobits per second by index, for MPEG 1 and for MPEG 2 and 2.5. Source: ISO/IEC 11172-3 and 13818-3, layer III. */
const BITRATES = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;
const SAMPLE_RATES = [44_100, 48_000, 32_000] as const;
/** The lowest rate there is: 8 kbit/s. What is not a chain of frames can't be longer than that. */
const LEAST_BYTES_PER_SECOND = 1_000;

interface Frame {
  readonly bytes: number;
  readonly seconds: number;
}

/** Sums the frames of an MP3 file; bytes that are not part of a frame count at the lowest rate there is. */
export function mp3Seconds(bytes: Buffer): number | undefined {
  let at = id3Length(bytes);
  let seconds = 0;
  let stray = 0;
  while (at + 4 <= bytes.length) {
    const frame = frameAt(bytes, at);
    if (frame) {
      seconds += frame.seconds;
      at += frame.bytes;
    } else {
      stray += 1;
      at += 1;
    }
  }
  return seconds + stray / LEAST_BYTES_PER_SECOND;
}

/** Source: id3.org, ID3v2.4, section 3.1: four bytes of seven bits each. */
function id3Length(bytes: Buffer): number {
  if (bytes.toString('latin1', 0, 3) !== 'ID3') return 0;
  let size = 0;
  for (let i = 6; i < 10; i += 1) size = size * 128 + (bytes.readUInt8(i) & 0x7f);
  const end = 10 + size;
  // A tag that claims everything would hide what comes behind it from nobody but us.
  return end < bytes.length && frameAt(bytes, end) ? end : 0;
}

function frameAt(bytes: Buffer, at: number): Frame | undefined {
  const head = bytes.readUInt32BE(at);
  if (head >>> 21 !== 0x7ff) return undefined;
  const version = (head >>> 19) & 3;
  const layer = (head >>> 17) & 3;
  const rate = BITRATES[version === 3 ? 0 : 1][(head >>> 12) & 15];
  const base = SAMPLE_RATES[(head >>> 10) & 3];
  if (version === 1 || layer !== 1 || !rate || base === undefined) return undefined;
  const sampleRate = version === 3 ? base : version === 2 ? base / 2 : base / 4;
  const samples = version === 3 ? 1_152 : 576;
  const padding = (head >>> 9) & 1;
  return { bytes: Math.floor((samples * rate * 125) / sampleRate) + padding, seconds: samples / sampleRate };
}
