import { isUnambiguous, parseJson, parseText, reparse } from './body.js';
import { JsonOutline, type TextSize } from './outline.js';
import { isUtf8 } from './utf8.js';

/** Smaller bodies are parsed nearly as soon as looked through, and that would be in vain where all of it is needed. */
const OUTLINE_ABOVE_BYTES = 16 * 1024;

/** A body as far as it must be read to check it, and to relay it. */
export interface BodyOutline {
  /** The value, in which long strings may have a stand-in each. */
  readonly value: unknown;
  /** The client's own bytes, where every parser reads the same out of them. */
  readonly bytes: Uint8Array | undefined;
  /** What a string in `value` is in truth; undefined: strings are what they are, and `value` is the whole value. */
  readonly measure: ((text: string) => TextSize) | undefined;
}

/** The JSON body of a request, read as far as it is asked for. */
export class ParsedBody {
  /** Length of the body as UTF-8 JSON. */
  readonly size: number;
  readonly #bytes: Uint8Array;
  #value: unknown;
  /** True when an outline has shown that it is sound JSON. */
  #sound = false;

  private constructor(size: number, bytes: Uint8Array, value: unknown) {
    this.size = size;
    this.#bytes = bytes;
    this.#value = value;
  }

  static ofBytes(this: void, bytes: Uint8Array): ParsedBody {
    return new ParsedBody(bytes.byteLength, bytes, undefined);
  }

  /** A body that was parsed before; its bytes are gone. */
  static ofValue(value: unknown, size: number): ParsedBody {
    return new ParsedBody(size, NO_BYTES, value);
  }

  /** The client's own bytes, whatever they say; undefined for a body that was parsed before. */
  get bytes(): Uint8Array | undefined {
    return this.#bytes === NO_BYTES ? undefined : this.#bytes;
  }

  /** The body as text, for logs. */
  get text(): string {
    return this.bytes ? new TextDecoder().decode(this.bytes) : JSON.stringify(this.#value);
  }

  /** The whole value. @throws {GatewayError} `invalid_json` or `json_too_deep`. */
  get value(): unknown {
    if (this.#value === undefined) this.#value = this.#sound ? reparse(this.#bytes) : parseJson(this.#bytes).value;
    return this.#value;
  }

  /** What is enough to check the body and to relay it. @throws {GatewayError} `invalid_json` or `json_too_deep`. */
  outline(): BodyOutline {
    if (this.#value !== undefined) return { value: this.#value, bytes: undefined, measure: undefined };
    const bytes = this.#bytes;
    const outline = bytes.byteLength > OUTLINE_ABOVE_BYTES ? outlineOf(bytes) : undefined;
    if (outline) {
      this.#sound = true;
      return outline;
    }
    const { value, text } = parseJson(bytes);
    this.#value = value;
    return { value, bytes: isUnambiguous(text) ? bytes : undefined, measure: undefined };
  }
}

const NO_BYTES = new Uint8Array(0);

/** Undefined where it takes the whole body to say what it is, or what is wrong with it. */
function outlineOf(bytes: Uint8Array): BodyOutline | undefined {
  const outline = isUtf8(bytes) ? JsonOutline.of(bytes) : undefined;
  if (!outline) return undefined;
  const { text } = outline;
  try {
    const value = parseText(text);
    return { value, bytes: isUnambiguous(text) ? bytes : undefined, measure: (cut) => outline.measure(cut) };
  } catch {
    return undefined;
  }
}
