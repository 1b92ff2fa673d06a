import { nextTurn } from '../lib/next-turn.js';
import { withoutMediaLines } from './base64-lines.js';
import { decodeText } from './body.js';
import { parseInParts } from './parse-in-parts.js';
import { type LargeRead, outlineOf } from './parsed-body.js';
import { isUnambiguous } from './repeated-keys.js';
import { checkShape, ShapeScan } from './shape.js';
import { isUtf8 } from './utf8.js';

const PART_BYTES = 2 * 1024 * 1024;
/** For a longer text it costs less to rewrite the request than to show that all parsers read the same out of it. */
const LONGEST_RELAYED = 4 * 1024 * 1024;

/**
 * Looks through a large body, a part at a time.
 *
 * @param owned see `ParsedBody.read`.
 * @throws {GatewayError} `invalid_json`, `json_too_deep` or `json_too_complex`.
 */
export async function readLarge(bytes: Uint8Array, owned: boolean): Promise<LargeRead> {
  await nextTurn();
  if (!isUtf8(bytes)) decodeText(bytes);
  await nextTurn();
  const outlined = outlineOf(bytes);
  if (!outlined) return readWhole(bytes);
  const { outline, values, json } = outlined;
  const { bytes: shortened, removed } = await json.withoutMediaLines(outline.value, owned);
  await json.readLong();
  await nextTurn();
  const relayed = outline.bytes && shortened;
  return {
    outline: removed > 0 ? { ...outline, bytes: relayed } : outline,
    value: undefined,
    values,
    removed,
    bytes: shortened,
  };
}

async function readWhole(bytes: Uint8Array): Promise<LargeRead> {
  const scan = new ShapeScan(bytes);
  while (!scan.done) {
    await nextTurn();
    scan.advance(PART_BYTES);
  }
  const value = await parseInParts(bytes);
  const removed = await withoutMediaLines(value);
  const text = bytes.byteLength <= LONGEST_RELAYED && removed === 0 ? decodeText(bytes) : undefined;
  const values = text === undefined ? scan.values : checkShape(value);
  const relayed = text !== undefined && isUnambiguous(text, values);
  await nextTurn();
  return { outline: { value, bytes: relayed ? bytes : undefined, measure: undefined }, value, values, removed, bytes };
}
