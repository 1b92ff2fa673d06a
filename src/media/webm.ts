const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TIME_SCALE = 0x2ad7b1;
const DURATION = 0x4489;
const CLUSTER = 0x1f43b675;
const CLUSTER_TIME = 0xe7;
const INSIDE = new Set([SEGMENT, INFO, CLUSTER]);
const MOST_ELEMENTS = 100_000;
/** A block's time is a signed 16-bit offset to its cluster's. */
const MOST_BLOCK_TIME = 32_767;

/**
 * The time of a WebM or Matroska file: its claim, or the time of its last cluster and all that this may hold, whichever is
 * more. Undefined where an element does not state its size.
 *
 * Source: RFC 8794 (EBML), RFC 9559 (Matroska).
 */
export function webmSeconds(bytes: Buffer): number | undefined {
  let nanoseconds = 1_000_000;
  let duration = 0;
  let lastCluster = -1;
  let elements = 0;
  const walk = (start: number, end: number): boolean => {
    for (let at = start; at < end; ) {
      elements += 1;
      if (elements > MOST_ELEMENTS) return false;
      const id = numberAt(bytes, at, false);
      const size = numberAt(bytes, at + id.length, true);
      const body = at + id.length + size.length;
      if (size.unknown || body + size.value > end) return false;
      if (id.value === TIME_SCALE) nanoseconds = unsigned(bytes, body, size.value);
      if (id.value === DURATION) duration = size.value === 4 ? bytes.readFloatBE(body) : bytes.readDoubleBE(body);
      if (id.value === CLUSTER_TIME) lastCluster = Math.max(lastCluster, unsigned(bytes, body, size.value));
      if (INSIDE.has(id.value) && !walk(body, body + size.value)) return false;
      at = body + size.value;
    }
    return true;
  };
  if (!walk(0, bytes.length) || lastCluster < 0) return undefined;
  return (Math.max(duration, lastCluster + MOST_BLOCK_TIME) * nanoseconds) / 1e9;
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
  return length === 0 || length > 6 ? 0 : bytes.readUIntBE(at, length);
}
