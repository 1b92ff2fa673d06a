import { nextTurn } from '../lib/next-turn.js';
import { invalidJson, parseCounted } from './body.js';
import { LongString } from './long-string.js';

const PART_BYTES = 1024 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * The value of a large JSON text, which is made a part at a time so that others are served in between, and without a text of the
 * whole: the bytes and the value are all that is in memory.
 *
 * @param bytes UTF-8, nested no deeper than `ShapeScan` allows; neither is checked here.
 * @param partBytes bytes that are looked through, and parsed, in one turn of the event loop.
 * @throws {GatewayError} `invalid_json`.
 */
export async function parseInParts(bytes: Uint8Array, partBytes = PART_BYTES): Promise<unknown> {
  const parser = new PartParser(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), partBytes);
  while (!parser.done) {
    parser.advance();
    await nextTurn();
  }
  return parser.end();
}

/** An object or a list that has begun and not ended yet. */
interface Open {
  readonly isList: boolean;
  /** Where its bracket stands. */
  readonly at: number;
  /** What has been made of it; undefined: it is text so far, a part of what it stands in. */
  built: unknown[] | Record<string, unknown> | undefined;
  /** Where its text begins that nothing was made of yet. */
  from: number;
  /** The last comma between its members in that text; -1: there is none. */
  comma: number;
  /** True: a member stands before that text, so that a comma must begin it. */
  follows: boolean;
}

function opened(at: number, isList: boolean): Open {
  return { isList, at, built: undefined, from: at + 1, comma: -1, follows: false };
}

/**
 * Keeps the text of members until there is enough of it, and parses them together. What is still open then becomes a value
 * that grows: so each byte is parsed once, in the largest pieces that fit a part.
 */
class PartParser {
  readonly #bytes: Buffer;
  readonly #partBytes: number;
  /** What is open, from outside in. The first stands for the whole text: a list of one value. */
  readonly #open: Open[];
  #at = 0;
  /** How many of `#open` are built: the outer ones. */
  #built = 1;
  /** Where the string began that is being looked through; -1: outside of strings. */
  #string = -1;
  /** A long string that is being read. */
  #long: { readonly name: string | undefined; readonly string: LongString } | undefined;

  constructor(bytes: Buffer, partBytes: number) {
    this.#bytes = bytes;
    this.#partBytes = partBytes;
    this.#open = [{ ...opened(-1, true), built: [] }];
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length && this.#long === undefined;
  }

  advance(): void {
    if (this.#long) {
      const { name, string } = this.#long;
      if (string.advance()) this.#endLong(name, string.text);
      return;
    }
    this.#scan(Math.min(this.#bytes.length, this.#at + this.#partBytes));
    if (this.#at - this.#inner.from >= this.#partBytes) this.#flush();
  }

  /** @throws {GatewayError} where the text is not one value. */
  end(): unknown {
    const whole = this.#inner;
    if (this.#open.length !== 1 || this.#string >= 0) throw invalidJson();
    this.#members(whole, this.#bytes.length, false);
    const values = whole.built as unknown[];
    if (values.length !== 1) throw invalidJson();
    return values[0];
  }

  /** The innermost of those that are built. */
  get #inner(): Open {
    return this.#open[this.#built - 1] as Open;
  }

  #scan(end: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    while (at < end) {
      if (this.#string >= 0) {
        at = this.#pastString(at, end);
        if (this.#long) break;
        continue;
      }
      const byte = bytes[at] as number;
      if (byte === QUOTE) this.#string = at;
      else if (byte === COMMA) (this.#open.at(-1) as Open).comma = at;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#open.push(opened(at, byte === OPEN_BRACKET));
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#close(at, byte === CLOSE_BRACKET);
      at += 1;
    }
    this.#at = Math.max(at, this.#at);
  }

  /** After the quote that ends the string, or where this part ends. */
  #pastString(from: number, end: number): number {
    const bytes = this.#bytes;
    let at = from === this.#string ? from + 1 : from;
    while (at < end) {
      const byte = bytes[at];
      at += 1;
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) {
        const start = this.#string;
        this.#string = -1;
        if (at - start > this.#partBytes && !isName(bytes, at)) this.#beginLong(start, at);
        return at;
      }
    }
    return at;
  }

  #beginLong(start: number, end: number): void {
    this.#flush();
    const holder = this.#inner;
    const name = this.#nameBefore(holder, start);
    this.#long = { name, string: new LongString(this.#bytes, start + 1, end - 1, this.#partBytes) };
    this.#at = end;
  }

  #endLong(name: string | undefined, text: string): void {
    const holder = this.#inner;
    put(holder, name, text);
    goOn(holder, this.#at);
    this.#long = undefined;
  }

  #close(at: number, isList: boolean): void {
    const closed = this.#open.pop() as Open;
    const holder = this.#open.at(-1);
    if (!holder || (closed.built && closed.isList !== isList)) throw invalidJson();
    if (!closed.built) return;
    this.#members(closed, at, false);
    this.#built -= 1;
    goOn(holder, at + 1);
  }

  /** Makes values of all members that are complete, and of what is open. */
  #flush(): void {
    for (;;) {
      const holder = this.#inner;
      if (holder.comma >= holder.from) {
        this.#members(holder, holder.comma, true);
        goOn(holder, holder.comma);
      }
      const next = this.#open[this.#built];
      if (!next) return;
      const name = this.#nameBefore(holder, next.at);
      next.built = next.isList ? [] : {};
      put(holder, name, next.built);
      this.#built += 1;
    }
  }

  /** Parses the members from where nothing was made of them to `end`. @param more true: a comma stands there. */
  #members(holder: Open, end: number, more: boolean): void {
    const { comma, text } = this.#rest(holder, end);
    if (text === '') {
      if (comma || (more && !holder.follows)) throw invalidJson();
      return;
    }
    if (holder.isList) {
      for (const value of parseCounted(`[${text}]`) as unknown[]) put(holder, undefined, value);
      return;
    }
    const members = parseCounted(`{${text}}`) as Record<string, unknown>;
    for (const name of Object.keys(members)) put(holder, name, members[name]);
  }

  /** The name of the member whose value begins at `end`; undefined in a list. */
  #nameBefore(holder: Open, end: number): string | undefined {
    const { comma, text } = this.#rest(holder, end);
    if (comma !== holder.follows || (holder.isList && text !== '')) throw invalidJson();
    return holder.isList ? undefined : Object.keys(parseCounted(`{${text}[]}`) as object)[0];
  }

  /** The text up to `end` that nothing was made of, without the comma that may begin it. */
  #rest(holder: Open, end: number): { readonly comma: boolean; readonly text: string } {
    const text = withoutSpace(this.#bytes.toString('utf8', holder.from, end));
    const comma = holder.follows && text.startsWith(',');
    if (holder.follows && !comma && text !== '') throw invalidJson();
    return { comma, text: comma ? withoutSpace(text.slice(1)) : text };
  }
}

function put({ built }: Open, name: string | undefined, value: unknown): void {
  if (Array.isArray(built)) built.push(value);
  else if (name === '__proto__') Object.defineProperty(built, name, { value, ...AS_ANY });
  else (built as Record<string, unknown>)[name as string] = value;
}

const AS_ANY = { writable: true, enumerable: true, configurable: true };

/** A member has become a value: the next one begins with a comma. */
function goOn(holder: Open, from: number): void {
  holder.from = from;
  holder.comma = -1;
  holder.follows = true;
}

/** True of a string that ends at `end` and names a member. */
function isName(bytes: Uint8Array, end: number): boolean {
  let at = end;
  while (isSpace(bytes[at])) at += 1;
  return bytes[at] === COLON;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Without the white space of JSON at its beginning. */
function withoutSpace(text: string): string {
  let at = 0;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at === 0 ? text : text.slice(at);
}
