import type { ReasoningDetail } from '../../openai-api/chat-request.js';
import { type JsonObject, stringOf } from './api.js';
import { toReasoningDetail } from './reasoning-details.js';

/** A block that the client must send back, put together from its events. */
export class StreamedCarriedBlock {
  readonly kind = 'carried';
  readonly #native: JsonObject;
  readonly #offset: number;
  #json = '';

  /** @param offset text units of the answer before the block. */
  constructor(native: JsonObject, offset: number) {
    this.#native = { ...native };
    this.#offset = offset;
  }

  addThinking(text: string): void {
    this.#native['thinking'] = stringOf(this.#native['thinking']) + text;
  }

  /** Signatures and compactions come whole. */
  setFields({ type: _, ...fields }: JsonObject): void {
    Object.assign(this.#native, fields);
  }

  /** A piece of the input of a call that Anthropic's own tools answer. */
  addInput(json: string): void {
    this.#json += json;
  }

  toDetail(index: number): ReasoningDetail {
    return toReasoningDetail(this.#withInput(), index, this.#offset);
  }

  #withInput(): JsonObject {
    if (this.#json === '') return this.#native;
    try {
      return { ...this.#native, input: JSON.parse(this.#json) as unknown };
    } catch {
      return this.#native;
    }
  }
}
