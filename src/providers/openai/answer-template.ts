import type { Usage } from '../../meter/usage.js';
import { type Fields, isFields } from './fields.js';
import { readUsage } from './usage.js';

/** The longest answer worth taking as an example. */
const LONGEST = 64 * 1024;

/** What begins a string, an object or an array, or ends one of those, and numbers. */
const PIECE = /["{}[\]]|-?\d[\d.eE+-]*/g;
const COUNT = /^(?:0|[1-9]\d{0,14})$/;
const COLON = /\s*:/y;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NINE = 0x39;

/** A place where another answer may have another value. */
type Slot = 'text' | CountSlot;

/** A whole number; one of the usage report is put where it belongs. */
interface CountSlot {
  readonly owner: Fields | undefined;
  readonly key: string;
}

/**
 * An answer without its texts and counts. Another one that differs in those alone is as sound, and can be relayed as it
 * is without being parsed; its usage is read in passing.
 */
export class AnswerTemplate {
  /** What stands before each slot, as UTF-16 units, which are compared several times faster than slices of texts. */
  readonly #before: readonly Uint16Array[];
  readonly #slots: readonly Slot[];
  readonly #ending: Uint16Array;
  readonly #usage: Fields;

  private constructor(before: readonly string[], slots: readonly Slot[], ending: string, usage: Fields) {
    this.#before = before.map(unitsOf);
    this.#slots = slots;
    this.#ending = unitsOf(ending);
    this.#usage = usage;
  }

  /**
   * @param text valid JSON, a chat completion that can be relayed as it is.
   * @returns undefined for one without usage, and for unusual ones.
   */
  static of(text: string): AnswerTemplate | undefined {
    const { usage } = JSON.parse(text) as Fields;
    if (text.length > LONGEST || !isFields(usage)) return undefined;
    const before: string[] = [];
    const slots: Slot[] = [];
    /** The fields whose objects and arrays are open. */
    const path: string[] = [];
    let key = '';
    let copied = 0;
    let reports = 0;
    PIECE.lastIndex = 0;
    for (let found = PIECE.exec(text); found !== null; found = PIECE.exec(text)) {
      const [piece] = found;
      let { index: start } = found;
      let end = PIECE.lastIndex;
      let slot: Slot | undefined;
      if (piece === '"') {
        start += 1;
        end = endOfText(text, start);
        PIECE.lastIndex = COLON.lastIndex = end + 1;
        if (COLON.test(text)) {
          key = text.slice(start, end);
          if (key.includes('\\')) return undefined;
          if (key === 'usage' && path.length === 1) reports += 1;
        } else if (key !== 'object') slot = 'text';
      } else if (piece === '{' || piece === '[') path.push(key);
      else if (piece === '}' || piece === ']') path.pop();
      else if (COUNT.test(piece)) slot = { owner: path[1] === 'usage' ? reportPart(usage, path) : undefined, key };
      if (slot === undefined) continue;
      before.push(text.slice(copied, start));
      slots.push(slot);
      copied = end;
    }
    return reports === 1 ? new AnswerTemplate(before, slots, text.slice(copied), usage) : undefined;
  }

  /** The usage of an answer that differs from the first in texts and counts alone; undefined for any other. */
  usageOf(text: string): Usage | undefined {
    let at = 0;
    for (let i = 0; i < this.#slots.length; i += 1) {
      const start = endOfUnits(text, this.#before[i] as Uint16Array, at);
      if (start === -1) return undefined;
      const slot = this.#slots[i] as Slot;
      at = slot === 'text' ? endOfText(text, start) : endOfCount(text, start, slot);
      if (at === -1) return undefined;
    }
    return endOfUnits(text, this.#ending, at) === text.length ? readUsage(this.#usage) : undefined;
  }
}

function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  for (let i = 0; i < units.length; i += 1) units[i] = text.charCodeAt(i);
  return units;
}

/** Where a text goes on that has these units at `start`; -1 when it has others. */
function endOfUnits(text: string, units: Uint16Array, start: number): number {
  for (let i = 0; i < units.length; i += 1) if (text.charCodeAt(start + i) !== units[i]) return -1;
  return start + units.length;
}

/** The object of the usage report that a path leads to; undefined inside of lists, which no report is read from. */
function reportPart(usage: Fields, path: readonly string[]): Fields | undefined {
  let value: unknown = usage;
  for (const key of path.slice(2)) value = isFields(value) ? value[key] : undefined;
  return isFields(value) ? value : undefined;
}

/** Where the inside of a JSON string ends that begins at `start`; -1 when it is none. */
function endOfText(json: string, start: number): number {
  for (let at = start; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code < 0x20) return -1;
    if (code !== BACKSLASH) continue;
    ESCAPE.lastIndex = at;
    if (!ESCAPE.test(json)) return -1;
    at = ESCAPE.lastIndex - 1;
  }
  return -1;
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** Reads a whole number of at most 15 digits; returns where it ends, -1 when there is none. */
function endOfCount(json: string, start: number, { owner, key }: CountSlot): number {
  let count = 0;
  let at = start;
  for (let code = json.charCodeAt(at); code >= ZERO && code <= NINE; code = json.charCodeAt(at)) {
    count = 10 * count + code - ZERO;
    at += 1;
  }
  const digits = at - start;
  if (digits === 0 || digits > 15 || (digits > 1 && json.charCodeAt(start) === ZERO)) return -1;
  if (owner) owner[key] = count;
  return at;
}
