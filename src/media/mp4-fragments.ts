import { boxAt } from './mp4-box.js';
import type { Track } from './mp4-track.js';

/** What a fragment of a track does not say itself. */
export interface FragmentDefaults {
  readonly duration: number;
}

/** Source: ISO/IEC 14496-12, section 8.8.3 (`trex`). */
export function fragmentDefaults(bytes: Buffer, body: number): FragmentDefaults {
  return { duration: bytes.readUInt32BE(body + 12) };
}

/** Adds what a fragment holds to its track; returns how many entries that took. Source: ISO/IEC 14496-12, sections 8.8.7 to 8.8.12. */
export function fragmentTime(
  bytes: Buffer,
  start: number,
  end: number,
  track: Track,
  defaults: ReadonlyMap<number, FragmentDefaults>,
): number {
  let duration = defaults.get(track.id)?.duration ?? 0;
  let begin = track.end;
  let entries = 0;
  for (let at = start; at + 8 <= end; ) {
    const { type, body, next } = boxAt(bytes, at, end);
    if (type === 'tfhd') duration = headDuration(bytes, body) ?? duration;
    if (type === 'tfdt') begin = Math.max(begin, startTime(bytes, body));
    if (type === 'trun') {
      const run = runTime(bytes, body, next, duration);
      // Runs follow each other, whatever start time they claim.
      begin += run.time;
      track.timed += run.time;
      track.timedSamples += run.samples;
      entries += run.entries;
    }
    at = next;
  }
  track.end = Math.max(track.end, begin);
  return entries;
}

/** The duration that `tfhd` gives all samples; undefined where it gives none. */
function headDuration(bytes: Buffer, body: number): number | undefined {
  const flags = bytes.readUIntBE(body + 1, 3);
  if ((flags & 0x8) === 0) return undefined;
  return bytes.readUInt32BE(body + 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0));
}

function startTime(bytes: Buffer, body: number): number {
  return bytes.readUInt8(body) === 1 ? Number(bytes.readBigUInt64BE(body + 4)) : bytes.readUInt32BE(body + 4);
}

function runTime(bytes: Buffer, body: number, end: number, duration: number) {
  const flags = bytes.readUIntBE(body + 1, 3);
  const samples = bytes.readUInt32BE(body + 4);
  if ((flags & 0x100) === 0) return { samples, time: samples * duration, entries: 0 };
  const first = body + 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  const width = 4 + (flags & 0x200 ? 4 : 0) + (flags & 0x400 ? 4 : 0) + (flags & 0x800 ? 4 : 0);
  if (first + samples * width > end) throw new RangeError('a run beyond its box');
  let time = 0;
  for (let i = 0; i < samples; i += 1) time += bytes.readUInt32BE(first + i * width);
  return { samples, time, entries: samples };
}
