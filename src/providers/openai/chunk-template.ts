import { closingQuote, standsAt } from '../../openai/json-text.js';

/** Where a model's words begin in a chunk, or the arguments of a call. */
const WORDS = /"(?:content|arguments)":"/g;
/** Random letters that hide the length of a chunk, at its end. Source: the OpenAI API reference, `stream_options`. */
const OBFUSCATION = '"obfuscation":"';
const OBFUSCATION_END = '"}';

/**
 * A chunk without its words. One that differs in its words alone from a chunk that was looked at closely is relayed in
 * the same way without another look: usage, errors and finish reasons all stand outside the words.
 */
export class ChunkTemplate {
  readonly #native: Parts;
  readonly #relayed: Parts;
  readonly #isRelayedWhole: boolean;

  private constructor(native: Parts, relayed: Parts, isRelayedWhole: boolean) {
    this.#native = native;
    this.#relayed = relayed;
    this.#isRelayedWhole = isRelayedWhole;
  }

  /**
   * @param data a chunk as it came, `relayed` the same as it leaves.
   * @param start where its first choice begins in both at the earliest.
   * @returns undefined for a chunk without words.
   */
  static of(data: string, relayed: string, start: number): ChunkTemplate | undefined {
    const native = split(data, start);
    const mended = split(relayed, 0);
    return native && mended && new ChunkTemplate(native, mended, data === relayed);
  }

  /** What to relay for another chunk; undefined for one that differs in more than its words. */
  relay(data: string): string | undefined {
    const { before, after, isObfuscated } = this.#native;
    if (!standsAt(data, before, 0)) return undefined;
    const end = closingQuote(data, before.length);
    if (end === -1 || !standsAt(data, after, end)) return undefined;
    const rest = end + after.length;
    const isAlike = isObfuscated ? isOneString(data, rest) : rest === data.length;
    if (!isAlike) return undefined;
    if (this.#isRelayedWhole) return data;
    return this.#relayed.before + data.slice(before.length, end) + this.#relayed.after + data.slice(rest);
  }
}

/** A chunk around its words and, when it is obfuscated, up to the letters for it. */
interface Parts {
  readonly before: string;
  readonly after: string;
  readonly isObfuscated: boolean;
}

function split(chunk: string, from: number): Parts | undefined {
  WORDS.lastIndex = from;
  if (!WORDS.test(chunk)) return undefined;
  const start = WORDS.lastIndex;
  const end = closingQuote(chunk, start);
  const letters = chunk.indexOf(OBFUSCATION, end) + OBFUSCATION.length;
  const isObfuscated = letters >= OBFUSCATION.length && isOneString(chunk, letters);
  return {
    before: chunk.slice(0, start),
    after: isObfuscated ? chunk.slice(end, letters) : chunk.slice(end),
    isObfuscated,
  };
}

/** True when a string that begins at `start`, and has no escapes, is all that follows. */
function isOneString(chunk: string, start: number): boolean {
  return chunk.indexOf('"', start) === chunk.length - OBFUSCATION_END.length && chunk.endsWith(OBFUSCATION_END);
}
