import { endOfString } from './string-scan.js';
import { kindOfText } from './text-scan.js';

/**
 * Bytes of the longest string that an outline holds as it is. No field with a limit on its length may be longer, so
 * that what is cut is as much too long afterwards as before.
 */
export const LONGEST_KEPT = 1_024;

/** Bytes of a cut string's beginning that stay. */
const HEAD = 512;

/** Stand-ins grow with their number, and must not outgrow what they stand for. */
const MOST_CUTS = HEAD;

/** Bytes of a string that is not read at once. */
const LONG = 1024 * 1024;

/** An outline larger than this is discarded: the body is then read as large bodies are. */
const LARGEST = 256 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** A string as far as checks need it: its characters, or those at its ends, and its real length. */
export interface TextSize {
  readonly text: string;
  readonly length: number;
}

/** A string of the body that the outline does not hold: where its inside stands. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  /** True when its bytes are its characters: ASCII without escapes. */
  readonly plain: boolean;
}

/**
 * The JSON text of a body with every long string cut: the same structure, keys, numbers and short strings, and a stand-in
 * for each string of more than `LONGEST_KEPT` bytes. Texts and pictures are most of a large body, and whoever relays it
 * need not read them.
 *
 * A stand-in is longer than any string that was kept, and no two are equally long: its length tells which it is, and no
 * client can write one. It has the beginning and end of the string where that is ASCII without escapes.
 */
export class JsonOutline {
  #bytes: Buffer;
  readonly #cuts: Cut[];
  readonly #read = new Map<Cut, string>();

  private constructor(
    bytes: Buffer,
    cuts: Cut[],
    /** The JSON text with stand-ins. It is valid JSON exactly when the body is. */
    readonly text: string,
  ) {
    this.#bytes = bytes;
    this.#cuts = cuts;
  }

  /**
   * Undefined if parsing the whole body is as cheap, or if a string is malformed.
   *
   * @param body UTF-8, which is not checked here.
   */
  static of(body: Uint8Array): JsonOutline | undefined {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const cuts: Cut[] = [];
    let text = '';
    let copied = 0;
    let backslash = -1;
    // Every string that is kept costs two searches; they must not cost more than a small part of parsing it all.
    let patience = 32 + (bytes.length >> 11);
    for (let open = bytes.indexOf(QUOTE); open !== -1; ) {
      const start = open + 1;
      let end = bytes.indexOf(QUOTE, start);
      if (backslash < start) backslash = positionOf(BACKSLASH, bytes, start);
      const escaped = backslash < end;
      if (escaped) end = endOfString(view, start);
      if (end === -1) return undefined;
      if (end - start > LONGEST_KEPT) {
        const cut = escaped ? { start, end, plain: false } : unescapedCut(bytes, start, end);
        if (cut === undefined || cuts.length === MOST_CUTS || isKey(bytes, end)) return undefined;
        text += bytes.toString('utf8', copied, start) + standIn(bytes, cut, cuts.length);
        copied = end;
        cuts.push(cut);
        patience += (end - start) >> 8;
      } else if ((patience -= 1) < 0) return undefined;
      open = bytes.indexOf(QUOTE, end + 1);
    }
    if (cuts.length === 0 || text.length + bytes.length - copied > Math.min(LARGEST, bytes.length >> 1))
      return undefined;
    return new JsonOutline(bytes, cuts, text + bytes.toString('utf8', copied));
  }

  /** Maps a stand-in in the value of `text` to the string it replaces. */
  measure(text: string): TextSize {
    const cut = this.#cuts[text.length - LONGEST_KEPT - 1];
    if (cut === undefined) return { text, length: text.length };
    if (cut.plain) return { text, length: cut.end - cut.start };
    const whole = this.#string(cut);
    return { text: whole, length: whole.length };
  }

  /** The value of `text` with each string in the place of its stand-in; what has none is shared with it. */
  filled(value: unknown): unknown {
    if (typeof value === 'string') {
      const cut = this.#cuts[value.length - LONGEST_KEPT - 1];
      return cut ? this.#string(cut) : value;
    }
    if (Array.isArray(value)) return value.map((item: unknown) => this.filled(item));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([name, member]) => [name, this.filled(member)] as const);
    return Object.fromEntries(members);
  }

  /** Takes the line breaks out of the base64 of media; returns the bytes of the body without them, and how many they were. */
  async withoutMediaLines(value: unknown, owned: boolean): Promise<{ bytes: Uint8Array; removed: number }> {
    const { withoutOutlinedLines } = await import('./in-parts.js');
    const { bytes, removed } = await withoutOutlinedLines(this.#bytes, this.#cuts, value, owned);
    this.#bytes = bytes;
    return { bytes, removed };
  }

  /** Reads the strings that take long a part at a time; the others are as soon copied as they are needed. */
  async readLong(): Promise<void> {
    const { readLongString } = await import('./in-parts.js');
    let read = 0;
    for (const cut of this.#cuts) {
      if (cut.plain) continue;
      read += cut.end - cut.start;
      if (read > LONG) this.#read.set(cut, await readLongString(this.#bytes, cut.start, cut.end));
    }
  }

  #string(cut: Cut): string {
    const { start, end, plain } = cut;
    if (plain) return this.#bytes.toString('latin1', start, end);
    return this.#read.get(cut) ?? (JSON.parse(this.#bytes.toString('utf8', start - 1, end + 1)) as string);
  }
}

function unescapedCut(bytes: Uint8Array, start: number, end: number): Cut | undefined {
  const kind = kindOfText(bytes, start, end);
  return kind === 'invalid' ? undefined : { start, end, plain: kind === 'ascii' };
}

/** The text between the quotes that stands for the cut with this index. */
function standIn(bytes: Buffer, { start, end, plain }: Cut, index: number): string {
  const length = LONGEST_KEPT + 1 + index;
  if (!plain) return 'x'.repeat(length);
  return bytes.toString('latin1', start, start + HEAD) + bytes.toString('latin1', end - (length - HEAD), end);
}

function positionOf(byte: number, bytes: Buffer, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found === -1 ? bytes.length : found;
}

function isKey(bytes: Buffer, end: number): boolean {
  let next = end + 1;
  while (bytes[next] === 0x20 || bytes[next] === 0x0a || bytes[next] === 0x0d || bytes[next] === 0x09) next += 1;
  return bytes[next] === COLON;
}
