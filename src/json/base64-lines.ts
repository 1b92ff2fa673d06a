import { GatewayError } from '../lib/errors.js';
import { inSteps, type Steps } from '../lib/steps.js';
import { hasWhiteSpace } from '../lib/white-space.js';
import { type Cut, LONGEST_KEPT } from './outline.js';

/** Bytes that are looked through in one turn of the event loop. */
const BYTES_AT_ONCE = 1024 * 1024;
/** Shorter strings are fast to read anyway. */
const LEAST_LENGTH = 4 * 1024;
/** The longest data URL with percent-encoding, which is slow to decode. */
const LONGEST_ENCODED = 1024 * 1024;
const LONGEST_HEAD = 200;

/** Fields that hold media, in every format that clients speak. */
const MEDIA_FIELDS: ReadonlySet<string> = new Set([
  'url',
  'image_url',
  'video_url',
  'file_data',
  'data',
  'input_audio',
]);
/** Fields whose insides are a client's own: nothing in them is media. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  ...['args', 'arguments', 'response', 'input_schema', 'parameters', 'schema', 'metadata'],
]);

/** A long string that may be the base64 of media, where it stands. */
interface MediaString {
  readonly holder: Record<string, unknown>;
  readonly name: string;
  readonly text: string;
}

/** All long strings of a body, or stand-ins for them, that may be the base64 of media. */
function* mediaStrings(value: unknown, least: number): Generator<MediaString, void> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) yield* mediaStrings(item, least);
    return;
  }
  const holder = value as Record<string, unknown>;
  for (const name of Object.keys(holder)) {
    const member = holder[name];
    if (typeof member === 'string') {
      if (member.length > least && MEDIA_FIELDS.has(name)) yield { holder, name, text: member };
    } else if (!OWN_FIELDS.has(name) && !(name === 'input' && !Array.isArray(member)))
      yield* mediaStrings(member, least);
  }
}

/** @throws {GatewayError} for a long data URL that is not base64: it takes long to read. @param head its beginning. */
function refuseEncoded(head: string, length: number, name: string): void {
  const [, parameters] = DATA_URL.exec(head) ?? [];
  if (parameters === undefined || length <= LONGEST_ENCODED || BASE64.test(parameters)) return;
  throw new GatewayError('invalid_value', { param: name, message: 'A data URL of more than 1 MiB must be in base64.' });
}

const DATA_URL = /^data:([^,]{0,200}),/i;
const BASE64 = /;\s*base64\s*$/i;

const [LETTER, SPACE, PADDING, ESCAPE] = [1, 2, 3, 4];
const [BLANK, BACKSLASH] = [0x20, 0x5c];
/** What each byte is to base64; 0: not part of it. */
const KINDS = kinds();

function kinds(): Uint8Array {
  const table = new Uint8Array(256);
  for (const letter of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_'))
    table[letter] = LETTER;
  for (const space of Buffer.from(' \n\r\t\v\f')) table[space] = SPACE;
  table[0x3d] = PADDING;
  table[BACKSLASH] = ESCAPE;
  return table;
}

/** What letters behind a backslash stand for: white space, and a slash. Source: RFC 8259, section 7. */
const ESCAPED = escaped();

function escaped(): Uint8Array {
  const table = new Uint8Array(256);
  for (const letter of Buffer.from('nrtf')) table[letter] = SPACE;
  table[0x2f] = LETTER;
  return table;
}

/**
 * Takes the white space out of base64, or of a data URL with it, in its own bytes, in steps; returns where it ends then.
 * Undefined, and nothing is changed, where there is none, and where it is not base64 as a whole.
 *
 * @param inJson the bytes are the inside of a JSON string, in which line breaks are escaped.
 * @param target where it is written, at the same place: the bytes themselves, or a copy of them.
 */
function* withoutLines(
  bytes: Buffer,
  start: number,
  end: number,
  inJson: boolean,
  target: () => Buffer = () => bytes,
): Steps<number | undefined> {
  const from = dataOf(bytes, start, end);
  if (from === undefined) return undefined;
  const scan = new LineScan(bytes, from, inJson);
  while (scan.at < end) {
    if (!scan.advance(Math.min(end, scan.at + BYTES_AT_ONCE))) return undefined;
    yield;
  }
  if (!scan.isBase64 || !scan.hasLines) return undefined;
  const taker = new LineTaker(bytes, from, target());
  while (taker.at < end) {
    taker.advance(Math.min(end, taker.at + BYTES_AT_ONCE));
    yield;
  }
  return taker.to;
}

/** Looks through the bytes of base64, in plain loops: those of a generator take half as long again. */
class LineScan {
  at: number;
  hasLines = false;
  #padding = 0;
  readonly #bytes: Buffer;
  readonly #inJson: boolean;

  constructor(bytes: Buffer, start: number, inJson: boolean) {
    this.#bytes = bytes;
    this.at = start;
    this.#inJson = inJson;
  }

  get isBase64(): boolean {
    return this.#padding <= 2;
  }

  /** False where something stands that is not base64. */
  advance(end: number): boolean {
    const bytes = this.#bytes;
    let at = this.at;
    for (; at < end; at += 1) {
      let kind = KINDS[bytes[at] as number];
      if (kind === ESCAPE && this.#inJson) {
        at += 1;
        kind = ESCAPED[bytes[at] as number];
      }
      if (kind === SPACE) this.hasLines = true;
      else if (kind === PADDING) this.#padding += 1;
      else if (kind !== LETTER || this.#padding > 0) return false;
    }
    this.at = at;
    return true;
  }
}

/** Writes the bytes of base64 without white space. */
class LineTaker {
  at: number;
  to: number;
  readonly #bytes: Buffer;
  readonly #written: Buffer;

  constructor(bytes: Buffer, start: number, written: Buffer) {
    this.#bytes = bytes;
    this.#written = written;
    this.at = start;
    this.to = start;
  }

  advance(end: number): void {
    const bytes = this.#bytes;
    const written = this.#written;
    let { at, to } = this;
    for (; at < end; at += 1) {
      let byte = bytes[at] as number;
      let kind = KINDS[byte];
      if (kind === ESCAPE) {
        at += 1;
        byte = bytes[at] as number;
        kind = ESCAPED[byte];
      }
      if (kind === SPACE) continue;
      written[to] = byte;
      to += 1;
    }
    this.at = at;
    this.to = to;
  }
}

/** Where the base64 begins; undefined where a data URL holds something else. */
function dataOf(bytes: Buffer, start: number, end: number): number | undefined {
  const head = bytes.toString('latin1', start, Math.min(end, start + LONGEST_HEAD));
  if (!/^data:/i.test(head)) return start;
  const [whole, parameters = ''] = DATA_URL.exec(head) ?? [];
  return whole === undefined || !BASE64.test(parameters) ? undefined : start + whole.length;
}

/** Takes the line breaks out of the base64 of media in a value that was parsed; returns how many letters that were. */
export function withoutMediaLines(value: unknown): Promise<number> {
  return inSteps(parsedLines(value));
}

function* parsedLines(value: unknown): Steps<number> {
  let removed = 0;
  let looked = 0;
  for (const { holder, name, text } of mediaStrings(value, LEAST_LENGTH)) {
    refuseEncoded(text.slice(0, LONGEST_HEAD), text.length, name);
    looked += text.length;
    if (looked > BYTES_AT_ONCE) {
      looked = 0;
      yield;
    }
    if (!hasWhiteSpace(text)) continue;
    const bytes = Buffer.from(text);
    const end = yield* withoutLines(bytes, 0, bytes.byteLength, false);
    if (end === undefined) continue;
    holder[name] = bytes.toString('latin1', 0, end);
    removed += text.length - end;
  }
  return removed;
}

/**
 * The same of a body that was outlined, in its bytes: they are as many fewer then, and still the JSON of the body.
 *
 * @param value that of the outline.
 * @param owned false: the bytes are somebody else's, and are copied before they change.
 * @throws {GatewayError} for a long data URL that is not base64.
 */
export function withoutOutlinedLines(
  bytes: Buffer,
  cuts: Cut[],
  value: unknown,
  owned: boolean,
): Promise<{ readonly bytes: Buffer; readonly removed: number }> {
  return inSteps(outlinedLines(bytes, cuts, value, owned));
}

function* outlinedLines(
  bytes: Buffer,
  cuts: Cut[],
  value: unknown,
  owned: boolean,
): Steps<{ readonly bytes: Buffer; readonly removed: number }> {
  let written = bytes;
  const own = () => (owned || written !== bytes ? written : (written = Buffer.from(bytes)));
  const gaps = new Map<number, number>();
  for (const { name, text } of mediaStrings(value, LONGEST_KEPT)) {
    const index = text.length - LONGEST_KEPT - 1;
    const cut = cuts[index];
    if (cut === undefined) continue;
    const { start, end, plain } = cut;
    refuseEncoded(bytes.toString('latin1', start, Math.min(end, start + LONGEST_HEAD)), end - start, name);
    if (plain && !bytes.subarray(start, end).includes(BLANK)) continue;
    const shortened = yield* withoutLines(bytes, start, end, true, own);
    if (shortened === undefined) continue;
    cuts[index] = { start, end: shortened, plain: true };
    gaps.set(index, end - shortened);
  }
  const length = gaps.size > 0 ? yield* withoutGaps(written, cuts, gaps) : bytes.byteLength;
  return { bytes: written.subarray(0, length), removed: bytes.byteLength - length };
}

/** Moves what stands behind shortened strings to where they end; returns how long all of it is then. @param gaps by the string's index. */
function* withoutGaps(bytes: Buffer, cuts: Cut[], gaps: ReadonlyMap<number, number>): Steps<number> {
  let [to, from, moved] = [0, 0, 0];
  const moveUntil = (end: number) => {
    if (to !== from) bytes.copyWithin(to, from, end);
    moved += end - from;
    to += end - from;
  };
  for (const [index, cut] of cuts.entries()) {
    const shift = from - to;
    if (shift > 0) cuts[index] = { ...cut, start: cut.start - shift, end: cut.end - shift };
    const gap = gaps.get(index);
    if (gap === undefined) continue;
    moveUntil(cut.end);
    from = cut.end + gap;
    if (moved < BYTES_AT_ONCE) continue;
    moved = 0;
    yield;
  }
  moveUntil(bytes.byteLength);
  return to;
}
