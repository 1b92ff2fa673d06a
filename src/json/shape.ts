import { GatewayError } from '../lib/errors.js';

/** JSON nested deeper than this is refused: no request needs it, and re-serializing it can exhaust the stack. */
export const MAX_DEPTH = 64;
/** Items, fields, objects and lists together: twice as many tokens as the largest embedding request may hold. */
export const MAX_VALUES = 524_288;
/** Fields of all objects together: each costs a parser ten times what an item of a list does. */
export const MAX_FIELDS = 65_536;

/** Memory that a parsed value takes at least, in bytes. */
export const BYTES_PER_VALUE = 16;

/**
 * Counts the values of a parsed body.
 *
 * @throws {GatewayError} `json_too_deep` for a value nested deeper than 64 levels, `json_too_complex` for too many values.
 */
export function checkShape(value: unknown): number {
  const count = countValues(value, 0);
  if (count > MAX_VALUES) throw tooComplex();
  return count;
}

function countValues(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 1;
  if (depth >= MAX_DEPTH) throw new GatewayError('json_too_deep');
  let count = 1;
  if (Array.isArray(value)) for (const item of value) count += countValues(item, depth + 1);
  else for (const name in value) count += countValues((value as Record<string, unknown>)[name], depth + 1);
  return count;
}

function tooComplex(): GatewayError {
  const message = `The body holds too many values: at most ${MAX_FIELDS} fields, and ${MAX_VALUES} values in all.`;
  return new GatewayError('json_too_complex', { message });
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Counts the values of a body in its bytes, before it is parsed: parsing is what hostile nesting and masses of values
 * make expensive. May be done a part at a time. What is no JSON at all is left to the parser.
 */
export class ShapeScan {
  readonly #bytes: Uint8Array;
  #at = 0;
  #inString = false;
  #depth = 0;
  #values = 1;
  #fields = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The values so far. */
  get values(): number {
    return this.#values;
  }

  /** True when all of it is counted. */
  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Scans this many bytes further. @throws {GatewayError} `json_too_deep` or `json_too_complex`. */
  advance(count: number): void {
    const bytes = this.#bytes;
    const end = Math.min(bytes.length, this.#at + count);
    let at = this.#at;
    while (at < end) {
      if (this.#inString) {
        at = this.#pastString(at, end);
        continue;
      }
      const byte = bytes[at] as number;
      at += 1;
      if (byte === QUOTE) this.#inString = true;
      else if (byte === COMMA) this.#values += 1;
      else if (byte === COLON) this.#fields += 1;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#open();
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth -= 1;
    }
    this.#at = at;
    if (this.#values > MAX_VALUES || this.#fields > MAX_FIELDS) throw tooComplex();
  }

  #open(): void {
    this.#depth += 1;
    this.#values += 1;
    if (this.#depth > MAX_DEPTH) throw new GatewayError('json_too_deep');
  }

  /** After the quote that ends the string, or where this part ends. */
  #pastString(from: number, end: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (at < end) {
      const byte = bytes[at];
      at += 1;
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) {
        this.#inString = false;
        return at;
      }
    }
    return at;
  }
}
