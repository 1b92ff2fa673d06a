/** A member of an `IntrusiveList`, of at most one at a time. */
export class ListNode {
  isIn = false;
  before: ListNode | undefined = undefined;
  after: ListNode | undefined = undefined;
}

/**
 * A set of objects that are added and removed with every request.
 *
 * A `Set` used that way allocates a new table again and again, and its old tables keep removed members alive until the next
 * full garbage collection. This list keeps nothing that was removed. Saves 15 % of a JSON request (bench:tricks
 * `IntrusiveList`).
 */
export class IntrusiveList<T extends ListNode> {
  #first: ListNode | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    if (item.isIn) return;
    const first = this.#first;
    item.isIn = true;
    item.after = first;
    if (first) first.before = item;
    this.#first = item;
    this.#size += 1;
  }

  delete(item: T): void {
    if (!item.isIn) return;
    const { before, after } = item;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    item.isIn = false;
    item.before = undefined;
    item.after = undefined;
    this.#size -= 1;
  }

  /** All of them as they are now, newest first. */
  items(): T[] {
    const items: T[] = [];
    for (let item = this.#first; item; item = item.after) items.push(item as T);
    return items;
  }
}
