import { nextTurn } from '../lib/next-turn.js';
import { parseCounted } from './body.js';
import { kindOfText } from './text-scan.js';

/** Bytes that are read in one turn of the event loop. */
const PART_BYTES = 1024 * 1024;

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** A long string of a JSON text, which is read a part at a time. */
export class LongString {
  text = '';
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #partBytes: number;
  #at: number;

  /** @param start where its inside begins. @param end where it ends. */
  constructor(bytes: Buffer, start: number, end: number, partBytes = PART_BYTES) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#partBytes = partBytes;
  }

  /**
   * Reads it further; true when all of it has been read.
   *
   * @throws {GatewayError} `invalid_json`.
   */
  advance(): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    if (this.text === '' && isPlain(bytes, start, this.#end)) {
      this.text = bytes.toString('latin1', start, this.#end);
      return true;
    }
    this.#at = pieceEnd(bytes, start, Math.min(this.#end, start + this.#partBytes));
    this.text += parseCounted(`"${bytes.toString('utf8', start, this.#at)}"`) as string;
    return this.#at >= this.#end;
  }
}

/** The string whose inside begins and ends here; others are served while it is read. */
export async function readLongString(bytes: Buffer, start: number, end: number): Promise<string> {
  const long = new LongString(bytes, start, end);
  while (!long.advance()) await nextTurn();
  return long.text;
}

/** True when the bytes are the characters: one copy makes the string. */
function isPlain(bytes: Buffer, start: number, end: number): boolean {
  return !bytes.subarray(start, end).includes(BACKSLASH) && kindOfText(bytes, start, end) === 'ascii';
}

/** The first place behind `wanted` that is within no escape and no letter of the string that begins at `start`. */
function pieceEnd(bytes: Uint8Array, start: number, wanted: number): number {
  let at = start;
  while (at < wanted) {
    if (bytes[at] !== BACKSLASH) at += 1;
    else at += bytes[at + 1] === LETTER_U ? 6 : 2;
  }
  while (((bytes[at] as number) & 0xc0) === 0x80) at += 1;
  return at;
}
