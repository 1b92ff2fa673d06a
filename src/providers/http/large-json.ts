/** Set on calls whose request is large, with a function that releases the client's own bytes. */
export const LARGE = Symbol('metask-gateway.large');

/** A large body, of which a part at a time is written while it is sent. */
export class LargeJson implements AsyncIterable<Uint8Array> {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** How many bytes it has: some servers take no body whose length is not announced. */
  async length(): Promise<number> {
    const { encodedLength } = await import('../../json/in-parts.js');
    return encodedLength(this.#value);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const { encodedParts } = await import('../../json/in-parts.js');
    yield* encodedParts(this.#value);
  }
}

/** The JSON of a native request, as a text unless the client's own request is large. */
export function jsonBody(call: object, native: object): string | LargeJson {
  const { [LARGE]: release } = call as { readonly [LARGE]?: () => void };
  if (!release) return JSON.stringify(native);
  release();
  return new LargeJson(native);
}
