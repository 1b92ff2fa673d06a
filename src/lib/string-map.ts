/** Slots of a table before its first growth. */
const FIRST_SLOTS = 8;
/** Of a request id these are 48 random bits. */
const HASHED_LETTERS = 12;

/**
 * A map from ids, for what comes and goes with every request.
 *
 * A hash table in typed arrays. Nearly every look-up is for an id that is not there, which costs one look into memory,
 * where a `Map` follows a chain and compares each string in it. A `Map` whose keys come and go also allocates new
 * tables again and again, and its old tables keep deleted entries alive until the next full garbage collection. Saves 3
 * to 9 % of a
 * JSON request (bench:tricks `StringMap`).
 */
export class StringMap<V> {
  readonly #ids: (string | undefined)[] = [];
  readonly #values: (V | undefined)[] = [];
  /** Places in the lists that are free again. */
  readonly #free: number[] = [];
  /** Of each slot the hash of its id, and its place in the lists plus one; 0: the slot is empty. */
  #slots = new Int32Array(2 * FIRST_SLOTS);

  get size(): number {
    return this.#ids.length - this.#free.length;
  }

  get(id: string): V | undefined {
    const place = this.#slots[this.#slotOf(id, hashOf(id)) + 1] as number;
    return place === 0 ? undefined : this.#values[place - 1];
  }

  has(id: string): boolean {
    return this.#slots[this.#slotOf(id, hashOf(id)) + 1] !== 0;
  }

  set(id: string, value: V): void {
    const hash = hashOf(id);
    const slot = this.#slotOf(id, hash);
    const known = this.#slots[slot + 1] as number;
    if (known > 0) {
      this.#values[known - 1] = value;
      return;
    }
    const place = this.#free.pop() ?? this.#ids.length;
    this.#ids[place] = id;
    this.#values[place] = value;
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = place + 1;
    // At most half of the slots are taken, so that chains stay short.
    if (4 * this.size > this.#slots.length) this.#grow();
  }

  /** False when there is no such id. */
  delete(id: string): boolean {
    const slot = this.#slotOf(id, hashOf(id));
    const place = this.#slots[slot + 1] as number;
    if (place === 0) return false;
    this.#ids[place - 1] = undefined;
    this.#values[place - 1] = undefined;
    this.#free.push(place - 1);
    this.#close(slot);
    return true;
  }

  /** All of them, by their places. Entries may be deleted meanwhile. */
  *entries(): IterableIterator<[string, V]> {
    for (let place = 0; place < this.#ids.length; place += 1) {
      const id = this.#ids[place];
      if (id !== undefined) yield [id, this.#values[place] as V];
    }
  }

  /** Where an id is, or is to be put. */
  #slotOf(id: string, hash: number): number {
    const slots = this.#slots;
    let slot = firstSlot(hash, slots);
    for (let place = slots[slot + 1] as number; place > 0; place = slots[slot + 1] as number) {
      if (slots[slot] === hash && this.#ids[place - 1] === id) break;
      slot = nextSlot(slot, slots);
    }
    return slot;
  }

  /** Empties a slot, and moves up what stands behind it and could have been put there. */
  #close(slot: number): void {
    const slots = this.#slots;
    let gap = slot;
    for (let next = nextSlot(gap, slots); slots[next + 1] !== 0; next = nextSlot(next, slots)) {
      const wanted = firstSlot(slots[next] as number, slots);
      const passes = gap <= next ? wanted <= gap || wanted > next : wanted <= gap && wanted > next;
      if (!passes) continue;
      slots[gap] = slots[next] as number;
      slots[gap + 1] = slots[next + 1] as number;
      gap = next;
    }
    slots[gap + 1] = 0;
  }

  #grow(): void {
    const before = this.#slots;
    const slots = new Int32Array(2 * before.length);
    for (let i = 0; i < before.length; i += 2) {
      if (before[i + 1] === 0) continue;
      let slot = firstSlot(before[i] as number, slots);
      while (slots[slot + 1] !== 0) slot = nextSlot(slot, slots);
      slots[slot] = before[i] as number;
      slots[slot + 1] = before[i + 1] as number;
    }
    this.#slots = slots;
  }
}

function firstSlot(hash: number, { length }: Int32Array): number {
  return 2 * (hash & (length / 2 - 1));
}

function nextSlot(slot: number, { length }: Int32Array): number {
  return slot + 2 < length ? slot + 2 : 0;
}

/** FNV-1a of the last letters, which differ between ids, with a final mix. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = Math.max(0, id.length - HASHED_LETTERS); i < id.length; i += 1)
    hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) ^ (hash >>> 13);
}
