import { nextTurn } from '../lib/next-turn.js';

const PART_LENGTH = 512 * 1024;
/** What a value counts beside its letters. */
const VALUE_LENGTH = 8;

/** Bytes of the JSON text of a large value in UTF-8; others are served while they are counted. */
export async function encodedLength(value: unknown): Promise<number> {
  let length = 0;
  for (const part of jsonParts(value)) {
    length += Buffer.byteLength(part);
    await nextTurn();
  }
  return length;
}

/** The JSON text of a large value in UTF-8, each part written when it is asked for; others are served in between. */
export async function* encodedParts(value: unknown): AsyncGenerator<Buffer, void> {
  for (const part of jsonParts(value)) {
    yield Buffer.from(part);
    await nextTurn();
  }
}

/**
 * The JSON text of a large value, of which no more than a part is in memory at a time.
 *
 * @param partLength letters of a part, about.
 */
export function* jsonParts(value: unknown, partLength = PART_LENGTH): Generator<string, void> {
  const writer = new PartWriter(partLength);
  yield* writer.write(value);
  if (writer.text !== '') yield writer.text;
}

type Parts = Generator<string, void>;

class PartWriter {
  text = '';
  readonly #partLength: number;

  constructor(partLength: number) {
    this.#partLength = partLength;
  }

  *write(value: unknown): Parts {
    if (typeof value === 'string') yield* this.#string(value);
    else if (Array.isArray(value)) yield* this.#list(value);
    else if (typeof value === 'object' && value !== null) yield* this.#object(value as Record<string, unknown>);
    else yield* this.#add(JSON.stringify(value) ?? 'null');
  }

  /** A string in pieces, none of which ends within a pair of surrogates. */
  *#string(text: string): Parts {
    if (text.length <= this.#partLength) return yield* this.#add(JSON.stringify(text));
    this.text += '"';
    for (let at = 0; at < text.length; ) {
      let end = Math.min(text.length, at + this.#partLength);
      while (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end += 1;
      const piece = text.slice(at, end);
      if (isAsItStands(piece)) {
        yield* this.#flush();
        yield piece;
      } else yield* this.#add(JSON.stringify(piece).slice(1, -1));
      at = end;
    }
    this.text += '"';
  }

  /** Items that are small together are written together. */
  *#list(list: readonly unknown[]): Parts {
    this.text += '[';
    for (let from = 0; from < list.length; ) {
      if (from > 0) this.text += ',';
      let left = this.#partLength;
      let to = from;
      while (to < list.length && (left = lessLength(list[to], left)) >= 0) to += 1;
      if (to > from) yield* this.#add(JSON.stringify(list.slice(from, to)).slice(1, -1));
      else yield* this.write(list[from]);
      from = Math.max(to, from + 1);
    }
    this.text += ']';
  }

  *#object(object: Readonly<Record<string, unknown>>): Parts {
    this.text += '{';
    let comma = '';
    for (const name of Object.keys(object)) {
      const value = object[name];
      if (value === undefined) continue;
      this.text += `${comma}${JSON.stringify(name)}:`;
      comma = ',';
      if (lessLength(value, this.#partLength) >= 0) yield* this.#add(JSON.stringify(value));
      else yield* this.write(value);
    }
    this.text += '}';
  }

  *#add(text: string): Parts {
    this.text += text;
    if (this.text.length >= this.#partLength) yield* this.#flush();
  }

  *#flush(): Parts {
    const whole = this.text;
    this.text = '';
    if (whole !== '') yield whole;
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

/** True where JSON writes the very letters: base64 takes no copy then. */
function isAsItStands(text: string): boolean {
  return AS_IT_STANDS.test(text);
}

/** No quotes, backslashes, control characters or halves of a pair. Source: ECMA-262, QuoteJSONString. */
const AS_IT_STANDS = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
