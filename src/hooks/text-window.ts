/**
 * Decides how much of a stream's text may leave, so that what a transformation looks for is seen whole however the text was cut.
 *
 * The last characters are held back as they came. What was changed is held back as well until enough has followed it:
 * more text could belong to it.
 */
export class TextWindow {
  readonly #lookBehind: number;
  #held = '';

  constructor(lookBehind: number) {
    this.#lookBehind = lookBehind;
  }

  /** Everything that has not left yet, with what has just arrived. */
  add(text: string): string {
    this.#held += text;
    return this.#held;
  }

  /** What may leave, out of `changed`: what the transformation made of all that was held. */
  release(changed: string): string {
    const raw = this.#held;
    if (changed === raw) return this.#keepFrom(Math.max(0, raw.length - this.#lookBehind), raw);
    const tail = sharedEnd(raw, changed);
    if (tail >= this.#lookBehind) {
      const leaving = changed.slice(0, changed.length - this.#lookBehind);
      this.#held = raw.slice(raw.length - this.#lookBehind);
      return leaving;
    }
    // The change is near the end: what stands before it may go, less what could belong to it.
    return this.#keepFrom(Math.max(0, sharedStart(raw, changed) - this.#lookBehind), raw);
  }

  /** Nothing follows: all of it has left. */
  clear(): void {
    this.#held = '';
  }

  get held(): string {
    return this.#held;
  }

  /** Never between the halves of a character. */
  #keepFrom(at: number, raw: string): string {
    const cut = isLowSurrogate(raw.charCodeAt(at)) && at > 0 ? at - 1 : at;
    this.#held = raw.slice(cut);
    return raw.slice(0, cut);
  }
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
