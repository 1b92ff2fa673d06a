import { nextTurn } from '../lib/next-turn.js';

const PART_LENGTH = 512 * 1024;
/** What a value counts beside its letters. */
const VALUE_LENGTH = 8;

/**
 * The JSON text of a large value in UTF-8, written a part at a time so that others are served in between.
 *
 * @param partLength letters that are written in one turn.
 */
export async function writeInParts(value: unknown, partLength = PART_LENGTH): Promise<readonly Buffer[]> {
  const writer = new PartWriter(partLength);
  await writer.write(value);
  return writer.end();
}

class PartWriter {
  readonly #partLength: number;
  readonly #parts: Buffer[] = [];
  #text = '';

  constructor(partLength: number) {
    this.#partLength = partLength;
  }

  async write(value: unknown): Promise<void> {
    if (typeof value === 'string') await this.#string(value);
    else if (Array.isArray(value)) await this.#list(value);
    else if (typeof value === 'object' && value !== null) await this.#object(value as Record<string, unknown>);
    else await this.#add(JSON.stringify(value) ?? 'null');
  }

  end(): readonly Buffer[] {
    this.#cut();
    return this.#parts;
  }

  /** A string in pieces, none of which ends within a pair of surrogates. */
  async #string(text: string): Promise<void> {
    if (text.length <= this.#partLength) return this.#add(JSON.stringify(text));
    this.#text += '"';
    for (let at = 0; at < text.length; ) {
      let end = Math.min(text.length, at + this.#partLength);
      while (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end += 1;
      await this.#add(JSON.stringify(text.slice(at, end)).slice(1, -1));
      at = end;
    }
    this.#text += '"';
  }

  /** Items that are small together are written together. */
  async #list(list: readonly unknown[]): Promise<void> {
    this.#text += '[';
    for (let from = 0; from < list.length; ) {
      if (from > 0) this.#text += ',';
      let left = this.#partLength;
      let to = from;
      while (to < list.length && (left = lessLength(list[to], left)) >= 0) to += 1;
      if (to > from) await this.#add(JSON.stringify(list.slice(from, to)).slice(1, -1));
      else await this.write(list[from]);
      from = Math.max(to, from + 1);
    }
    this.#text += ']';
  }

  async #object(object: Readonly<Record<string, unknown>>): Promise<void> {
    this.#text += '{';
    let comma = '';
    for (const name of Object.keys(object)) {
      const value = object[name];
      if (value === undefined) continue;
      this.#text += `${comma}${JSON.stringify(name)}:`;
      comma = ',';
      if (lessLength(value, this.#partLength) >= 0) await this.#add(JSON.stringify(value));
      else await this.write(value);
    }
    this.#text += '}';
  }

  #add(text: string): Promise<void> | undefined {
    this.#text += text;
    if (this.#text.length < this.#partLength) return undefined;
    this.#cut();
    return nextTurn();
  }

  #cut(): void {
    if (this.#text !== '') this.#parts.push(Buffer.from(this.#text));
    this.#text = '';
  }
}

/** `left` less about the length that a value has when it is written; below 0 as soon as it is known to be longer. */
function lessLength(value: unknown, left: number): number {
  let rest = left - VALUE_LENGTH;
  if (typeof value === 'string') return rest - value.length;
  if (typeof value !== 'object' || value === null) return rest;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (rest < 0) return rest;
      rest = lessLength(item, rest);
    }
    return rest;
  }
  for (const name in value) {
    if (rest < 0) return rest;
    rest = lessLength((value as Record<string, unknown>)[name], rest - name.length);
  }
  return rest;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
