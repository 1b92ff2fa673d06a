const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Where a member of an object stands in its JSON text, in bytes. */
interface Member {
  /** The quote that opens the name. */
  readonly start: number;
  readonly value: number;
  /** After the value. */
  readonly end: number;
}

/** JSON text to write in place of a member's value; undefined removes the member. */
export type MemberEdits = ReadonlyMap<string, string | undefined>;

/**
 * Changes members of the JSON object in `body` and leaves every byte within the others as it is, so that a provider
 * reads the same prompt as before. Members that are not there yet are added at the end.
 *
 * @param body valid JSON in UTF-8 that holds one object. It is returned as it is where there is nothing to change.
 * @returns undefined where something is to change and a name stands there twice: parsers disagree about which of the two
 * counts.
 */
export function editMembers(body: Uint8Array, edits: MemberEdits): Uint8Array | undefined {
  if (edits.size === 0) return body;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const members = membersOf(bytes);
  if (!members) return undefined;
  const object = new ObjectWriter(bytes.length + roomFor(edits));
  for (const [name, { start, value, end }] of members) {
    const text = edits.get(name);
    if (text !== undefined) object.next().copy(bytes, start, value).write(text);
    else if (!edits.has(name)) object.next().copy(bytes, start, end);
  }
  for (const [name, text] of edits) {
    if (text !== undefined && !members.has(name)) object.next().write(JSON.stringify(name)).write(':').write(text);
  }
  return object.end();
}

/** The most bytes that edits add: a letter has at most three, and six where it is written as an escape. */
function roomFor(edits: MemberEdits): number {
  let room = '{}'.length;
  for (const [name, text] of edits) room += 6 * name.length + '"":,'.length + 3 * (text?.length ?? 0);
  return room;
}

/** Writes the members of one object. */
class ObjectWriter {
  readonly #bytes: Buffer;
  #length = 0;

  /** @param room bytes that are enough for it. */
  constructor(room: number) {
    this.#bytes = Buffer.allocUnsafe(room);
  }

  /** Begins a member. */
  next(): this {
    this.#bytes[this.#length] = this.#length === 0 ? OPEN_BRACE : COMMA;
    this.#length += 1;
    return this;
  }

  copy(from: Buffer, start: number, end: number): this {
    this.#length += from.copy(this.#bytes, this.#length, start, end);
    return this;
  }

  write(text: string): this {
    this.#length += this.#bytes.write(text, this.#length);
    return this;
  }

  end(): Uint8Array {
    return this.write(this.#length === 0 ? '{}' : '}').#bytes.subarray(0, this.#length);
  }
}

/** Undefined where a name stands there twice. */
function membersOf(body: Buffer): Map<string, Member> | undefined {
  const members = new Map<string, Member>();
  let at = body.indexOf(OPEN_BRACE) + 1;
  for (;;) {
    at = skipSpace(body, at);
    if (body[at] === COMMA) at = skipSpace(body, at + 1);
    if (body[at] !== QUOTE) return members;
    const start = at;
    at = stringEnd(body, at);
    const name = nameIn(body, start, at);
    if (members.has(name)) return undefined;
    at = skipSpace(body, at);
    if (body[at] === COLON) at += 1;
    const value = skipSpace(body, at);
    at = valueEnd(body, value);
    members.set(name, { start, value, end: at });
  }
}

const PLAIN_NAME = /^[\w.-]*$/;

/** The name between two quotes. */
function nameIn(body: Buffer, start: number, end: number): string {
  const plain = body.toString('latin1', start + 1, end - 1);
  return PLAIN_NAME.test(plain) ? plain : (JSON.parse(body.toString('utf8', start, end)) as string);
}

function skipSpace(body: Uint8Array, from: number): number {
  let at = from;
  while (at < body.length && (body[at] as number) <= 0x20) at += 1;
  return at;
}

/** After the closing quote of the string that begins at `start`. */
function stringEnd(body: Uint8Array, start: number): number {
  let end = body.indexOf(QUOTE, start + 1);
  while (end !== -1 && isEscaped(body, end)) end = body.indexOf(QUOTE, end + 1);
  return end === -1 ? body.length : end + 1;
}

function isEscaped(body: Uint8Array, quote: number): boolean {
  let backslashes = 0;
  while (body[quote - 1 - backslashes] === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function valueEnd(body: Uint8Array, start: number): number {
  let depth = 0;
  let at = start;
  while (at < body.length) {
    const byte = body[at] as number;
    if (byte === QUOTE) {
      at = stringEnd(body, at);
      if (depth === 0) return at;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || byte <= 0x20)) return at;
    at += 1;
  }
  return at;
}
