import { AAC_RATES, AAC_SAMPLES } from './sound-frames.js';

/** Descriptors on the way to how AAC is coded. Source: ISO/IEC 14496-1, section 7.2.2.1. */
const [STREAM, DECODER, SPECIFIC] = [0x03, 0x04, 0x05];
/** MPEG-4 AAC and the three of MPEG-2. Source: ISO/IEC 14496-1, table 5. */
const AAC = new Set([0x40, 0x66, 0x67, 0x68]);
/** Kinds of AAC with at most 1,024 samples a frame at the rate that is named first. Source: ISO/IEC 14496-3, table 1.17. */
const PLAIN_KINDS = new Set([1, 2, 3, 4, 5, 23, 29]);

/**
 * Seconds of one sample of a track with sound, by the description of its codec; undefined for anything but one description of AAC.
 *
 * @param description the inside of an `stsd` box.
 */
export function soundFrameSeconds(description: Buffer): number | undefined {
  const at = description.indexOf('esds', 0, 'latin1');
  if (at < 0 || description.indexOf('esds', at + 1, 'latin1') >= 0) return undefined;
  if (description.readUInt32BE(4) !== 1 || description.toString('latin1', 12, 16) !== 'mp4a') return undefined;
  if (description[at + 8] !== STREAM) return undefined;
  const stream = bodyOf(description, at + 8);
  // An id of two bytes, and no flags: these would add fields.
  if (description[stream + 2] !== 0 || description[stream + 3] !== DECODER) return undefined;
  const body = bodyOf(description, stream + 3);
  if (!AAC.has(description[body] ?? 0)) return undefined;
  const specific = body + 13;
  if (description[specific] !== SPECIFIC) return undefined;
  const rate = rateOf(description.subarray(bodyOf(description, specific)));
  return rate === undefined || rate === 0 ? undefined : AAC_SAMPLES / rate;
}

/** Behind the tag and the length of a descriptor, whose bytes but the last have their highest bit set. */
function bodyOf(bytes: Buffer, at: number): number {
  let body = at + 1;
  for (let i = 0; i < 3 && ((bytes[body] ?? 0) & 0x80) !== 0; i += 1) body += 1;
  return body + 1;
}

function rateOf(config: Buffer): number | undefined {
  const bits = config.length < 5 ? Buffer.concat([config, Buffer.alloc(5)]) : config;
  if (!PLAIN_KINDS.has(bits.readUInt8(0) >> 3)) return undefined;
  const index = (bits.readUInt16BE(0) >> 7) & 15;
  return index === 15 ? (Number(bits.readUIntBE(1, 4)) >>> 7) & 0xffffff : AAC_RATES[index];
}
