/**
 * Marks objects that the gateway made itself, with what it may use of them beyond their public contract.
 *
 * A copy, a subclass or a proxy of such an object has no face: something about it may have changed, so it is used
 * through its public contract. The same goes for an object of another copy of this package, whose internals may differ.
 */
export class NativeFaces<Face> {
  readonly #key: symbol;

  /** @param name for debugging. */
  constructor(name: string) {
    this.#key = Symbol(`metask-gateway.${name}`);
  }

  /** Gives `owner` its face, and returns it. */
  attach<Owner extends object>(owner: Owner, face: Face): Owner {
    return Object.defineProperty(owner, this.#key, { value: { owner, face } });
  }

  /** The face of an object that the gateway made; undefined for any other. */
  of(owner: object): Face | undefined {
    const attached = (owner as Record<symbol, { readonly owner: object; readonly face: Face } | undefined>)[this.#key];
    return attached?.owner === owner ? attached.face : undefined;
  }
}
