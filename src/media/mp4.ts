/** Boxes that hold boxes on the way to the durations. */
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts']);
const MOST_BOXES = 10_000;
const MOST_ENTRIES = 1_000_000;

/**
 * The longest of all durations that an MP4 file states: of the movie, of each track, of its samples, of its edits.
 *
 * Undefined for fragmented files, whose samples are described in between. Source: ISO/IEC 14496-12, sections 8.2 to 8.6.
 */
export function mp4Seconds(bytes: Buffer): number | undefined {
  const found = { seconds: 0, boxes: 0, movies: 0, fragmented: false };
  let movieScale = 0;
  const walk = (start: number, end: number, scale: number): void => {
    let trackScale = scale;
    for (let at = start; at + 8 <= end; ) {
      found.boxes += 1;
      if (found.boxes > MOST_BOXES) throw new RangeError('too many boxes');
      const { type, body, next } = boxAt(bytes, at, end);
      if (type === 'moof' || type === 'mvex') found.fragmented = true;
      if (type === 'moov') found.movies += 1;
      const timed = type === 'mvhd' || type === 'mdhd' ? headerAt(bytes, body) : undefined;
      if (timed) {
        if (timed.scale === 0) throw new RangeError('no time scale');
        if (type === 'mvhd') movieScale = timed.scale;
        else trackScale = timed.scale;
        found.seconds = Math.max(found.seconds, timed.duration / timed.scale);
      }
      if (type === 'stts') found.seconds = Math.max(found.seconds, sampleTime(bytes, body, next) / trackScale);
      if (type === 'elst') found.seconds = Math.max(found.seconds, editTime(bytes, body) / (movieScale || 1));
      if (CONTAINERS.has(type)) walk(body, next, trackScale);
      at = next;
    }
  };
  walk(0, bytes.length, 1);
  return found.fragmented || found.movies !== 1 || movieScale === 0 ? undefined : found.seconds;
}

function boxAt(bytes: Buffer, at: number, end: number): { type: string; body: number; next: number } {
  const size = bytes.readUInt32BE(at);
  const type = bytes.toString('latin1', at + 4, at + 8);
  if (size === 0) return { type, body: at + 8, next: end };
  const long = size === 1;
  const length = long ? Number(bytes.readBigUInt64BE(at + 8)) : size;
  const body = at + (long ? 16 : 8);
  if (length < body - at || at + length > end) throw new RangeError('a box beyond its parent');
  return { type, body, next: at + length };
}

/** Time scale and duration of `mvhd` and `mdhd`, which begin alike; a duration of all ones is not known. */
function headerAt(bytes: Buffer, at: number): { scale: number; duration: number } {
  const isLong = bytes.readUInt8(at) === 1;
  const scale = bytes.readUInt32BE(at + (isLong ? 20 : 12));
  const duration = isLong ? Number(bytes.readBigUInt64BE(at + 24)) : bytes.readUInt32BE(at + 16);
  return { scale, duration: duration === 0xffffffff || duration > Number.MAX_SAFE_INTEGER ? 0 : duration };
}

function sampleTime(bytes: Buffer, at: number, end: number): number {
  const entries = bytes.readUInt32BE(at + 4);
  if (entries > MOST_ENTRIES || at + 8 + entries * 8 > end) throw new RangeError('too many entries');
  let time = 0;
  for (let i = 0; i < entries; i += 1) time += bytes.readUInt32BE(at + 8 + i * 8) * bytes.readUInt32BE(at + 12 + i * 8);
  return time;
}

function editTime(bytes: Buffer, at: number): number {
  const isLong = bytes.readUInt8(at) === 1;
  const entries = bytes.readUInt32BE(at + 4);
  if (entries > MOST_ENTRIES) throw new RangeError('too many entries');
  let time = 0;
  for (let i = 0; i < entries; i += 1) {
    const entry = at + 8 + i * (isLong ? 20 : 12);
    time += isLong ? Number(bytes.readBigUInt64BE(entry)) : bytes.readUInt32BE(entry);
  }
  return time;
}
