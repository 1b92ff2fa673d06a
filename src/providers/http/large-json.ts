/** Where calls of the gateway say that their request is large: what releases the client's own bytes. */
export const LARGE = Symbol('metask-gateway.large');

/** A large body that is not written yet: it is made a part at a time, right before it is sent. */
export class LargeJson implements AsyncIterable<Uint8Array> {
  #value: unknown;
  #parts: readonly Uint8Array[] = [];

  constructor(value: unknown) {
    this.#value = value;
  }

  /** Writes it, once; returns how many bytes it has. */
  async write(): Promise<number> {
    if (this.#value !== undefined) {
      const value = this.#value;
      const { writeInParts } = await import('../../json/in-parts.js');
      // The text takes the value's place in memory.
      this.#value = undefined;
      this.#parts = await writeInParts(value);
    }
    return this.#parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    yield* this.#parts;
  }
}

/** The JSON of a native request, as a text unless the client's own request is large. */
export function jsonBody(call: object, native: object): string | LargeJson {
  const { [LARGE]: release } = call as { readonly [LARGE]?: () => void };
  if (!release) return JSON.stringify(native);
  release();
  return new LargeJson(native);
}
