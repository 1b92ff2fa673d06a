/** How a request id ended; a settled one is the position of its usage event. */
export type RequestEnd = number | 'released' | 'expired';

const DAY_MS = 24 * 3_600_000;
const MAX_IDS = 1_000_000;

/**
 * Remembers how requests ended, so that nothing is settled twice, in bounded memory: ids live in two generations, and
 * the older one is dropped when the younger one is a day old or holds a million ids. So each id is remembered until
 * at least 24 hours have passed or a million other requests have ended.
 */
export class RequestMemory {
  readonly #now: () => number;
  #young = new Generation();
  #old = new Generation();
  #since: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  get(id: string): RequestEnd | undefined {
    const hash = hashOf(id);
    return this.#young.get(id, hash) ?? this.#old.get(id, hash);
  }

  set(id: string, end: RequestEnd): void {
    const now = this.#now();
    if (this.#young.size >= MAX_IDS || now - this.#since >= DAY_MS) {
      this.#old = this.#young;
      this.#young = new Generation();
      this.#since = now;
    }
    this.#young.set(id, hashOf(id), end);
  }

  /** Every remembered end, once per id. */
  *entries(): IterableIterator<[string, RequestEnd]> {
    yield* this.#young.entries();
    for (const [id, end] of this.#old.entries()) {
      if (this.#young.get(id, hashOf(id)) === undefined) yield [id, end];
    }
  }
}

const FIRST_SLOTS = 1_024;

/**
 * The ids of one generation: a hash table whose slots hold the hash of an id and its place in the lists, plus one.
 *
 * Nearly every look-up is for an id that is not there. Here that costs one look into memory, where a `Map` of so many
 * strings follows a chain and looks at each string on it.
 */
class Generation {
  readonly #ids: string[] = [];
  readonly #ends: RequestEnd[] = [];
  #slots = new Int32Array(2 * FIRST_SLOTS);

  get size(): number {
    return this.#ids.length;
  }

  get(id: string, hash: number): RequestEnd | undefined {
    const place = this.#slots[this.#slotOf(id, hash) + 1] as number;
    return place === 0 ? undefined : this.#ends[place - 1];
  }

  set(id: string, hash: number, end: RequestEnd): void {
    const slot = this.#slotOf(id, hash);
    const place = this.#slots[slot + 1] as number;
    if (place > 0) {
      this.#ends[place - 1] = end;
      return;
    }
    this.#ids.push(id);
    this.#ends.push(end);
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = this.size;
    if (4 * this.size > this.#slots.length) this.#grow();
  }

  *entries(): IterableIterator<[string, RequestEnd]> {
    for (const [place, id] of this.#ids.entries()) yield [id, this.#ends[place] as RequestEnd];
  }

  /** Where an id is, or is to be put. */
  #slotOf(id: string, hash: number): number {
    const slots = this.#slots;
    let slot = firstSlot(hash, slots);
    for (let place = slots[slot + 1] as number; place > 0; place = slots[slot + 1] as number) {
      if (slots[slot] === hash && this.#ids[place - 1] === id) break;
      slot = slot + 2 < slots.length ? slot + 2 : 0;
    }
    return slot;
  }

  /** At most half of the slots are taken. */
  #grow(): void {
    const before = this.#slots;
    const slots = new Int32Array(2 * before.length);
    for (let i = 0; i < before.length; i += 2) {
      if (before[i + 1] === 0) continue;
      let slot = firstSlot(before[i] as number, slots);
      while (slots[slot + 1] !== 0) slot = slot + 2 < slots.length ? slot + 2 : 0;
      slots[slot] = before[i] as number;
      slots[slot + 1] = before[i + 1] as number;
    }
    this.#slots = slots;
  }
}

function firstSlot(hash: number, { length }: Int32Array): number {
  return 2 * (hash & (length / 2 - 1));
}

/** FNV-1a with a final mix. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) ^ (hash >>> 13);
}
