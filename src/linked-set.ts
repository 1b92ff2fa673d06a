/** What a `LinkedSet` holds: an object that is in one such set at most. */
export class Linked {
  /** The neighbours, while it is in a set. */
  links: { before: Linked | undefined; after: Linked | undefined } | undefined = undefined;
}

/**
 * A set of objects that come and go with every request.
 *
 * A `Set` that does so makes a new table again and again, and its old tables keep what has left it alive until the next
 * full garbage collection, each table the next one. This one keeps nothing of what has left.
 */
export class LinkedSet<T extends Linked> {
  #first: Linked | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    if (item.links) return;
    const first = this.#first;
    item.links = { before: undefined, after: first };
    if (first?.links) first.links.before = item;
    this.#first = item;
    this.#size += 1;
  }

  delete(item: T): void {
    const { links } = item;
    if (!links) return;
    const { before, after } = links;
    if (before?.links) before.links.after = after;
    else this.#first = after;
    if (after?.links) after.links.before = before;
    item.links = undefined;
    this.#size -= 1;
  }

  /** All of them as they are now, newest first. */
  items(): T[] {
    const items: T[] = [];
    for (let item = this.#first; item; item = item.links?.after) items.push(item as T);
    return items;
  }
}
