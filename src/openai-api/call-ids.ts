import { digest } from '../lib/digest.js';

/**
 * Gives each tool call of an answer an id that no other call of its conversation has: the provider's own wherever it is new.
 * Some servers number the calls of every answer from zero, or give no ids, and agents find a result by the id alone: they
 * take the second `call_0` of a conversation for the first, and lose it with its result.
 */
export class CallIds {
  /** All ids of the conversation, and those of this answer by their places. Made with its first call: most have none. */
  #taken: Set<unknown> | undefined;
  #own: Map<number, string> | undefined;

  /** @param earlier the ids of the calls so far, asked for once an answer has a call. */
  constructor(
    private readonly earlier: () => Iterable<unknown>,
    private readonly requestId: string,
  ) {}

  /** The id of the call at a place in the answer, the same each time. */
  of(index: number, id: string | undefined): string {
    const known = this.#own?.get(index);
    if (known !== undefined) return known;
    this.#taken ??= new Set(this.earlier());
    this.#own ??= new Map();
    const own = id && !this.#taken.has(id) ? id : `call_${digest(`${this.requestId}.${index}`)}`;
    this.#taken.add(own);
    this.#own.set(index, own);
    return own;
  }
}
