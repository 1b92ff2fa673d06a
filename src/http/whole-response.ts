/**
 * A `Response` whose whole body is known: it is read as it is. The runtime makes a stream of every body and reads it back,
 * which costs more than all the gateway does for a request inside the process; here that is done for those who ask for it.
 */
export class WholeResponse extends Response {
  readonly #whole: string | Uint8Array;
  #isUsed = false;
  /** The same answer by the runtime's own means. */
  #plain: Response | undefined;

  constructor(body: string | Uint8Array, init: ResponseInit) {
    super(null, init);
    this.#whole = body;
  }

  override get bodyUsed(): boolean {
    return this.#plain?.bodyUsed ?? this.#isUsed;
  }

  override get body(): Response['body'] {
    return this.#asPlain().body;
  }

  override async text(): Promise<string> {
    if (this.#plain) return this.#plain.text();
    const whole = this.#use();
    return typeof whole === 'string' ? whole : new TextDecoder().decode(whole);
  }

  override async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#plain) return this.#plain.arrayBuffer();
    const whole = this.#use();
    // A copy: the caller may write to it, or give it away.
    const bytes = typeof whole === 'string' ? new TextEncoder().encode(whole) : Uint8Array.from(whole);
    return bytes.buffer as ArrayBuffer;
  }

  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.arrayBuffer());
  }

  override blob(): Promise<Blob> {
    return this.#asPlain().blob();
  }

  override formData(): Promise<FormData> {
    return this.#asPlain().formData();
  }

  override clone(): Response {
    return this.#asPlain().clone();
  }

  #use(): string | Uint8Array {
    if (this.#isUsed) throw new TypeError('Body is unusable: Body has already been read');
    this.#isUsed = true;
    return this.#whole;
  }

  #asPlain(): Response {
    if (!this.#plain) {
      const { status, statusText, headers } = this;
      this.#plain = new Response(this.#whole as string | Uint8Array<ArrayBuffer>, { status, statusText, headers });
      // A body that was read is used in this form, too.
      if (this.#isUsed) void this.#plain.arrayBuffer();
    }
    return this.#plain;
  }
}
