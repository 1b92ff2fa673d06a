/** A box of an MP4 file: where its inside begins, and where the next one does. */
export interface Box {
  readonly type: string;
  readonly body: number;
  readonly next: number;
}

/**
 * The box that begins at `at`, within a parent that ends at `end`. Source: ISO/IEC 14496-12, section 4.2.
 *
 * @throws {RangeError} when it does not fit into its parent.
 */
export function boxAt(bytes: Buffer, at: number, end: number): Box {
  const size = bytes.readUInt32BE(at);
  const type = bytes.toString('latin1', at + 4, at + 8);
  if (size === 0) return { type, body: at + 8, next: end };
  const long = size === 1;
  const length = long ? Number(bytes.readBigUInt64BE(at + 8)) : size;
  const body = at + (long ? 16 : 8);
  if (length < body - at || at + length > end) throw new RangeError('a box beyond its parent');
  return { type, body, next: at + length };
}
