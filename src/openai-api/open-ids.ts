/**
 * Looks through the calls of a conversation and their results. Where one has no other, or an id is open twice, a provider may be
 * sent more than the client has written: a stand-in, or a result in words.
 */
export class OpenIds {
  /** Whole ids by what they are found by. Made with the first: most conversations have no calls. */
  #open: Map<unknown, unknown> | undefined;
  #isLost = false;

  call(id: unknown): void {
    const key = withoutSuffix(id);
    this.#open ??= new Map();
    if (this.#open.has(key)) this.#isLost = true;
    this.#open.set(key, id);
  }

  result(id: unknown): void {
    const key = withoutSuffix(id);
    if (id === undefined || this.#open?.get(key) !== id) this.#isLost = true;
    this.#open?.delete(key);
  }

  /** True when each call had a result behind it, and each result a call before it. */
  get areAnswered(): boolean {
    return !this.#isLost && (this.#open === undefined || this.#open.size === 0);
  }
}

/** Stands between the id of a call and its signature, where LiteLLM puts one behind the id. */
export const ID_SUFFIX = '__thought__';

/** A call's id without a signature behind it: clients may send that back in one of the two places alone. */
export function withoutSuffix<T>(id: T): T | string {
  return typeof id === 'string' ? (id.split(ID_SUFFIX, 1)[0] ?? id) : id;
}
