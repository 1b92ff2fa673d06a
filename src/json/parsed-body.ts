import { parseJson, parseText } from './body.js';
import { JsonOutline, type TextSize } from './outline.js';
import { isUnambiguous } from './repeated-keys.js';
import { isUtf8 } from './utf8.js';

/** Below this size parsing costs about as much as scanning, and the scan is wasted when the whole body is needed. */
const OUTLINE_ABOVE_BYTES = 16 * 1024;
/** Larger bodies are read, and translated, a part at a time, so that other requests are served in between. */
export const LARGE_BYTES = 1024 * 1024;

/** A body as far as it must be read to check it, and to relay it. */
export interface BodyOutline {
  /** The value, in which long strings may have a stand-in each. */
  readonly value: unknown;
  /** The client's own bytes, where every parser reads the same out of them. */
  readonly bytes: Uint8Array | undefined;
  /** Maps a stand-in in `value` to the string it replaces. Undefined when there are no stand-ins. */
  readonly measure: ((text: string) => TextSize) | undefined;
  /** Makes the whole value of `value`. Undefined when there are no stand-ins. */
  readonly filled?: ((value: unknown) => unknown) | undefined;
}

/** The JSON body of a request, read as far as it is asked for. */
export class ParsedBody {
  #size: number;
  #bytes: Uint8Array;
  #value: unknown;
  #outline: BodyOutline | undefined;
  #values = 0;

  private constructor(size: number, bytes: Uint8Array, value: unknown) {
    this.#size = size;
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

  /**
   * A body that came over the network: a large one is looked through at once, a part at a time. Line breaks are taken out of the
   * base64 of media in it.
   *
   * @param owned true: nobody else has the bytes, so that they may be changed.
   * @throws {GatewayError} `invalid_json`, `json_too_deep` or `json_too_complex`.
   */
  static read(this: void, bytes: Uint8Array, owned = false): ParsedBody | Promise<ParsedBody> {
    const body = ParsedBody.ofBytes(bytes);
    if (bytes.byteLength <= LARGE_BYTES) return body;
    return import('./in-parts.js').then(({ readLarge }) => readLarge(bytes, owned)).then((read) => body.#adopt(read));
  }

  #adopt({ outline, value, values, removed, bytes }: LargeRead): this {
    this.#outline = outline;
    this.#value = value;
    this.#values = values;
    this.#size -= removed;
    this.#bytes = bytes;
    // Frees the bytes, which are not needed any more.
    if (value !== undefined && !outline.bytes) this.#bytes = NO_BYTES;
    return this;
  }

  /** Length of the body as UTF-8 JSON. */
  get size(): number {
    return this.#size;
  }

  /** The client's own bytes, where every parser reads the same out of them and somebody may still relay them. */
  get relayed(): Uint8Array | undefined {
    return this.outline().bytes;
  }

  /** Nobody relays the bytes any more: what was read of them takes their place in memory. */
  release(): void {
    if (this.#value === undefined) return;
    this.#outline = { value: this.#value, bytes: undefined, measure: undefined };
    this.#bytes = NO_BYTES;
  }

  /** The client's own bytes, whatever they say; undefined for a body that was parsed before. */
  get bytes(): Uint8Array | undefined {
    return this.#bytes === NO_BYTES ? undefined : this.#bytes;
  }

  /** The values in it, as far as it was looked through. */
  get values(): number {
    return this.#values;
  }

  /** The body as text, for logs. */
  get text(): string {
    return this.bytes ? new TextDecoder().decode(this.bytes) : JSON.stringify(this.#value);
  }

  /** The whole value. @throws {GatewayError} `invalid_json`, `json_too_deep` or `json_too_complex`. */
  get value(): unknown {
    if (this.#value !== undefined) return this.#value;
    if (this.#outline) this.#value = this.#outline.filled?.(this.#outline.value) ?? this.#outline.value;
    else ({ value: this.#value, values: this.#values } = parseJson(this.#bytes));
    return this.#value;
  }

  /**
   * What is enough to check the body and to relay it.
   *
   * @throws {GatewayError} `invalid_json`, `json_too_deep` or `json_too_complex`.
   */
  outline(): BodyOutline {
    if (this.#outline) return this.#outline;
    if (this.#value !== undefined) return { value: this.#value, bytes: undefined, measure: undefined };
    const bytes = this.#bytes;
    const outlined = bytes.byteLength > OUTLINE_ABOVE_BYTES && isUtf8(bytes) ? outlineOf(bytes) : undefined;
    if (outlined) return this.#take(outlined);
    return this.#readWhole();
  }

  /**
   * The whole value, and the client's own bytes where every parser reads that value out of them.
   *
   * @throws {GatewayError} `invalid_json`, `json_too_deep` or `json_too_complex`.
   */
  whole(): Pick<BodyOutline, 'value' | 'bytes'> {
    if (this.#value === undefined && !this.#outline) this.#readWhole();
    return { value: this.value, bytes: this.#outline?.bytes };
  }

  #readWhole(): BodyOutline {
    const bytes = this.#bytes;
    const { value, text, values } = parseJson(bytes);
    this.#value = value;
    this.#values = values;
    this.#outline = { value, bytes: isUnambiguous(text, values) ? bytes : undefined, measure: undefined };
    return this.#outline;
  }

  #take({ outline, values }: Outlined): BodyOutline {
    this.#outline = outline;
    this.#values = values;
    return outline;
  }
}

const NO_BYTES = new Uint8Array(0);

/** What was read of a large body. */
export interface LargeRead {
  readonly outline: BodyOutline;
  /** The whole value, where all of it was parsed. */
  readonly value: unknown;
  readonly values: number;
  /** By how many bytes it is shorter now. */
  readonly removed: number;
  /** Those that are left. */
  readonly bytes: Uint8Array;
}

/** A body as far as it was outlined. */
export interface Outlined {
  readonly outline: BodyOutline;
  readonly values: number;
  readonly json: JsonOutline;
}

/** Undefined where it takes the whole body to say what it is, or what is wrong with it. */
export function outlineOf(bytes: Uint8Array): Outlined | undefined {
  const outline = JsonOutline.of(bytes);
  if (!outline) return undefined;
  const { text } = outline;
  try {
    const { value, values } = parseText(text);
    const measure = (cut: string) => outline.measure(cut);
    const filled = (cut: unknown) => outline.filled(cut);
    const relayed = isUnambiguous(text, values) ? bytes : undefined;
    return { outline: { value, bytes: relayed, measure, filled }, values, json: outline };
  } catch {
    return undefined;
  }
}
