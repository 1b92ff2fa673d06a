import type { Steps } from '../lib/steps.js';
import { type Box, boxAt } from './mp4-box.js';
import { type FragmentDefaults, fragmentDefaults, fragmentTime } from './mp4-fragments.js';
import { soundFrameSeconds } from './mp4-sound.js';
import type { Track } from './mp4-track.js';

/** Boxes that hold boxes on the way to the durations. */
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'mvex', 'moof', 'traf']);
/** Boxes that say how long something is: one that is not where it belongs is read by some players. */
const TELLING = ['trak', 'mdhd', 'stts', 'stsz', 'moof', 'trun', 'cmov'] as const;
const MOST_BOXES = 100_000;
const MOST_ENTRIES = 1_000_000;
const BOXES_AT_ONCE = 5_000;

/** A file as far as it was read. */
interface Movie {
  readonly bytes: Buffer;
  movies: number;
  scale: number;
  claimed: number;
  edited: number;
  readonly tracks: Track[];
  readonly defaults: Map<number, FragmentDefaults>;
  readonly seen: Map<string, number>;
  boxes: number;
  entries: number;
}

/**
 * The longest of all durations that an MP4 file states: of the movie, of each track, of its samples, of its edits, of its fragments;
 * and of sound also what its samples hold by their codec, whatever times they are given.
 *
 * Undefined for sound in other codecs than AAC, and for files that say the same thing twice or where it does not belong. Sources:
 * ISO/IEC 14496-12, sections 8.2 to 8.8; ISO/IEC 14496-14 (sound).
 */
export function* mp4Seconds(bytes: Buffer): Steps<number | undefined> {
  const movie: Movie = {
    ...{ bytes, movies: 0, scale: 0, claimed: 0, edited: 0, boxes: 0, entries: 0 },
    ...{ tracks: [], defaults: new Map<number, FragmentDefaults>(), seen: new Map<string, number>() },
  };
  yield* walk(movie, 0, bytes.length, undefined);
  if (movie.movies !== 1 || movie.scale === 0 || (yield* hidesBoxes(movie))) return undefined;
  let seconds = Math.max(movie.claimed, movie.edited) / movie.scale;
  for (const track of movie.tracks) {
    const time = trackSeconds(track);
    if (time === undefined) return undefined;
    seconds = Math.max(seconds, time);
  }
  return seconds;
}

function trackSeconds(track: Track): number | undefined {
  const { isSound, sampleSeconds, scale, samples, timedSamples, lastDelta } = track;
  // Samples that the table of times does not name last as long as the last one that it names.
  const timed = track.timed + Math.max(0, samples - timedSamples) * lastDelta;
  const ticks = Math.max(track.claimed, timed, track.end);
  const coded = Math.max(samples, timedSamples);
  if (ticks > 0 && scale === 0) return undefined;
  const seconds = scale === 0 ? 0 : ticks / scale;
  if (!isSound || coded === 0) return seconds;
  return sampleSeconds === undefined ? undefined : Math.max(seconds, coded * sampleSeconds);
}

function* walk(movie: Movie, start: number, end: number, within: Track | undefined): Steps<void> {
  let track = within;
  for (let at = start; at + 8 <= end; ) {
    movie.boxes += 1;
    if (movie.boxes > MOST_BOXES) throw new RangeError('too many boxes');
    if (movie.boxes % BOXES_AT_ONCE === 0) yield;
    const box = boxAt(movie.bytes, at, end);
    movie.seen.set(box.type, (movie.seen.get(box.type) ?? 0) + 1);
    if (box.type === 'trak') movie.tracks.push((track = newTrack()));
    if (box.type === 'traf') track = fragmentTrack(movie, box.body);
    if (box.type === 'moov') movie.movies += 1;
    readBox(movie, box, track);
    if (CONTAINERS.has(box.type)) yield* walk(movie, box.body, box.next, track);
    at = box.next;
  }
}

function newTrack(): Track {
  const times = { claimed: 0, timed: 0, timedSamples: 0, lastDelta: 0, samples: 0, end: 0 };
  return { id: 0, scale: 0, isSound: false, sampleSeconds: undefined, ...times };
}

/** The track that a fragment goes on with: its head comes first. */
function fragmentTrack({ bytes, tracks }: Movie, body: number): Track {
  if (bytes.toString('latin1', body + 4, body + 8) !== 'tfhd') throw new RangeError('a fragment without a head');
  const id = bytes.readUInt32BE(body + 12);
  const track = tracks.find((one) => one.id === id);
  if (!track) throw new RangeError('a fragment of no track');
  return track;
}

function readBox(movie: Movie, { type, body, next }: Box, track: Track | undefined): void {
  const { bytes } = movie;
  switch (type) {
    case 'mvhd': {
      if (movie.scale !== 0) throw new RangeError('two movie headers');
      ({ scale: movie.scale, duration: movie.claimed } = headerAt(bytes, body));
      if (movie.scale === 0) throw new RangeError('no time scale');
      return;
    }
    case 'elst':
      movie.edited = Math.max(movie.edited, editTime(bytes, body));
      return;
    case 'mehd':
      movie.claimed = Math.max(movie.claimed, bytes.readUInt32BE(body + 4), longAt(bytes, body));
      return;
    case 'trex':
      movie.defaults.set(bytes.readUInt32BE(body + 4), fragmentDefaults(bytes, body));
      return;
    default:
      if (track) readTrackBox(movie, { type, body, next }, track);
  }
}

function readTrackBox(movie: Movie, { type, body, next }: Box, track: Track): void {
  const { bytes } = movie;
  switch (type) {
    case 'tkhd':
      track.id = bytes.readUInt32BE(body + (bytes.readUInt8(body) === 1 ? 20 : 12));
      return;
    case 'mdhd':
      if (track.scale !== 0) throw new RangeError('two media headers');
      ({ scale: track.scale, duration: track.claimed } = headerAt(bytes, body));
      if (track.scale === 0) throw new RangeError('no time scale');
      return;
    case 'hdlr':
      track.isSound ||= bytes.toString('latin1', body + 8, body + 12) === 'soun';
      return;
    case 'stsd':
      track.isSound ||= bytes.subarray(body, next).includes('mp4a', 0, 'latin1');
      track.sampleSeconds = soundFrameSeconds(bytes.subarray(body, next));
      return;
    case 'stts':
      readTimes(bytes, body, next, track);
      return;
    case 'stsz':
    case 'stz2':
      track.samples = Math.max(track.samples, bytes.readUInt32BE(body + 8));
      return;
    case 'traf':
      movie.entries += fragmentTime(bytes, body, next, track, movie.defaults);
      if (movie.entries > MOST_ENTRIES) throw new RangeError('too many entries');
      return;
    default:
  }
}

/** True when a box that tells a duration stands where none was looked for. */
function* hidesBoxes({ bytes, seen }: Movie): Steps<boolean> {
  for (const name of TELLING) {
    yield;
    let found = 0;
    for (let at = 0; at + 8 <= bytes.length; ) {
      const { type, body, next } = boxAt(bytes, at, bytes.length);
      if (type === name) found += 1;
      if (type !== 'mdat') found += timesIn(bytes.subarray(body, next), name);
      at = next;
    }
    if (found !== (seen.get(name) ?? 0)) return true;
  }
  return seen.has('cmov');
}

function timesIn(bytes: Buffer, name: string): number {
  let times = 0;
  for (let at = bytes.indexOf(name, 0, 'latin1'); at >= 0; at = bytes.indexOf(name, at + 1, 'latin1')) times += 1;
  return times;
}

/** Time scale and duration of `mvhd` and `mdhd`, which begin alike; a duration of all ones is not known. */
function headerAt(bytes: Buffer, at: number): { scale: number; duration: number } {
  const isLong = bytes.readUInt8(at) === 1;
  const scale = bytes.readUInt32BE(at + (isLong ? 20 : 12));
  const duration = isLong ? Number(bytes.readBigUInt64BE(at + 24)) : bytes.readUInt32BE(at + 16);
  return { scale, duration: duration === 0xffffffff || duration > Number.MAX_SAFE_INTEGER ? 0 : duration };
}

/** A duration of 64 bits behind the version; 0 in a box that has it in 32. */
function longAt(bytes: Buffer, body: number): number {
  return bytes.readUInt8(body) === 1 ? Number(bytes.readBigUInt64BE(body + 4)) : 0;
}

function readTimes(bytes: Buffer, at: number, end: number, track: Track): void {
  const entries = bytes.readUInt32BE(at + 4);
  if (entries > MOST_ENTRIES || at + 8 + entries * 8 > end) throw new RangeError('too many entries');
  let time = 0;
  let samples = 0;
  for (let i = 0; i < entries; i += 1) {
    const count = bytes.readUInt32BE(at + 8 + i * 8);
    track.lastDelta = bytes.readUInt32BE(at + 12 + i * 8);
    samples += count;
    time += count * track.lastDelta;
  }
  track.timed = Math.max(track.timed, time);
  track.timedSamples = Math.max(track.timedSamples, samples);
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
