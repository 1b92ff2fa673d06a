import { endOfString } from '../../json/string-scan.js';
import { closingQuote } from '../../json/text.js';
import type { Usage } from '../../lib/usage.js';
import { type Fields, isFields } from './fields.js';
import { readUsage } from './usage.js';

/** The longest answer worth taking as an example. */
const LONGEST = 64 * 1024;

/** What begins a string, an object or an array, or ends one of those, and numbers. */
const PIECE = /["{}[\]]|-?\d[\d.eE+-]*/g;
const COUNT = /^(?:0|[1-9]\d{0,14})$/;
const COLON = /\s*:/y;

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
  /** What stands before each slot, in UTF-8. */
  readonly #before: readonly Uint8Array[];
  readonly #slots: readonly Slot[];
  readonly #ending: Uint8Array;
  readonly #usage: Fields;

  private constructor(before: readonly string[], slots: readonly Slot[], ending: string, usage: Fields) {
    this.#before = before.map((part) => Buffer.from(part));
    this.#slots = slots;
    this.#ending = Buffer.from(ending);
    this.#usage = usage;
  }

  /**
   * @param text valid JSON, a chat completion that can be relayed as it is.
   * @returns undefined for one without usage, and for unusual ones.
   */
  static of(text: string): AnswerTemplate | undefined {
    if (text.length > LONGEST) return undefined;
    const { usage } = JSON.parse(text) as Fields;
    if (!isFields(usage)) return undefined;
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
        end = closingQuote(text, start);
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
  usageOf(answer: Uint8Array): Usage | undefined {
    const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
    let at = 0;
    for (let i = 0; i < this.#slots.length; i += 1) {
      const start = endOfPart(answer, this.#before[i] as Uint8Array, at);
      if (start === -1) return undefined;
      const slot = this.#slots[i] as Slot;
      at = slot === 'text' ? endOfString(view, start) : endOfCount(answer, start, slot);
      if (at === -1) return undefined;
    }
    return endOfPart(answer, this.#ending, at) === answer.length ? readUsage(this.#usage) : undefined;
  }
}

/** Where the answer goes on that has this part at `start`; -1 when it has something else. */
function endOfPart(answer: Uint8Array, part: Uint8Array, start: number): number {
  for (let i = 0; i < part.length; i += 1) if (answer[start + i] !== part[i]) return -1;
  return start + part.length;
}

/** Reads a whole number of at most 15 digits; returns where it ends, -1 when there is none. */
function endOfCount(answer: Uint8Array, start: number, { owner, key }: CountSlot): number {
  let count = 0;
  let at = start;
  for (let byte = answer[at] ?? 0; byte >= ZERO && byte <= NINE; byte = answer[at] ?? 0) {
    count = 10 * count + byte - ZERO;
    at += 1;
  }
  const digits = at - start;
  if (digits === 0 || digits > 15 || (digits > 1 && answer[start] === ZERO)) return -1;
  if (owner) owner[key] = count;
  return at;
}

/** The object of the usage report that a path leads to; undefined inside of lists, which no report is read from. */
function reportPart(usage: Fields, path: readonly string[]): Fields | undefined {
  let value: unknown = usage;
  for (const key of path.slice(2)) value = isFields(value) ? value[key] : undefined;
  return isFields(value) ? value : undefined;
}
