/** A text that is held back is looked at for a place to cut it when it is this much longer than it has to be. */
const LONG = 256;

/**
 * Decides how much of a stream's text may leave, so that what a transformation looks for is seen whole however the text was cut.
 *
 * The last characters are held back as they came. What was changed is held back as well until enough has followed it:
 * more text could belong to it.
 */
export class TextWindow {
  readonly #lookBehind: number;
  #held = '';
  #before = '';
  #longFrom: number;

  constructor(lookBehind: number) {
    this.#lookBehind = lookBehind;
    this.#longFrom = 2 * lookBehind + LONG;
  }

  /** Everything that has not left yet, with what has just arrived. */
  add(text: string): string {
    this.#held += text;
    return this.#held;
  }

  /** The character that left last, if it left as it came; else nothing. Whole words begin after it. */
  get before(): string {
    return this.#before;
  }

  /** What may leave, out of `changed`: what the transformation made of all that was held. */
  release(changed: string): string {
    const raw = this.#held;
    if (changed === raw) return this.#keepFrom(Math.max(0, raw.length - this.#lookBehind), raw);
    const at = wholeFrom(raw, Math.max(0, raw.length - this.#lookBehind));
    const kept = raw.length - at;
    const tail = sharedEnd(raw, changed);
    if (tail >= this.#lookBehind && tail >= kept) {
      this.#leave(at, tail > kept);
      return changed.slice(0, changed.length - kept);
    }
    // The change is near the end: what stands before it may go, less what could belong to it.
    return this.#keepFrom(Math.max(0, sharedStart(raw, changed) - this.#lookBehind), raw);
  }

  /** True from time to time while far more is held than has to be. */
  get isLong(): boolean {
    if (this.#held.length < this.#longFrom) return false;
    this.#longFrom = this.#held.length * 2;
    return true;
  }

  /** What is held in two parts, of which the second must stay. */
  parts(): readonly [head: string, tail: string] {
    const at = wholeFrom(this.#held, Math.max(0, this.#held.length - this.#lookBehind));
    return [this.#held.slice(0, at), this.#held.slice(at)];
  }

  /** All that stands before `tail` has left, changed. */
  keep(tail: string): void {
    this.#held = tail;
    this.#before = '';
    this.#longFrom = 2 * this.#lookBehind + LONG;
  }

  /** Nothing follows: all of it has left. */
  clear(): void {
    this.#held = '';
    this.#before = '';
  }

  get held(): string {
    return this.#held;
  }

  #keepFrom(at: number, raw: string): string {
    const cut = wholeFrom(raw, at);
    this.#leave(cut, true);
    return raw.slice(0, cut);
  }

  /** @param unchanged whether the last character that leaves is as it came. */
  #leave(at: number, unchanged: boolean): void {
    if (at > 0) this.#before = unchanged ? lastCharacter(this.#held.slice(Math.max(0, at - 2), at)) : '';
    this.#held = this.#held.slice(at);
  }
}

/** Never between the halves of a character. */
function wholeFrom(text: string, at: number): number {
  return at > 0 && isLowSurrogate(text.charCodeAt(at)) ? at - 1 : at;
}

function lastCharacter(text: string): string {
  return [...text].at(-1) ?? '';
}

function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length += 1;
  return length;
}

function sharedEnd(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one.at(-1 - length) === other.at(-1 - length)) length += 1;
  return length;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
