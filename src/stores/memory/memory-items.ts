import { LRUCache } from 'lru-cache';
import { type FoundItem, type ItemStore, MAX_ACCOUNT_ITEMS } from '../../items/item-store.js';

const MAX_CHARACTERS = 32 * 1024 * 1024;

interface Entry extends FoundItem {
  readonly accountId: string;
}

/** Kept items in this process's memory, up to 32 million characters: those that were used least recently go first. */
export function memoryItems(): ItemStore {
  const items = new MemoryItems();
  return {
    put: (accountId, added, expiresAt) => items.put(accountId, added, expiresAt),
    get: (accountId, ids, now) => items.get(accountId, ids, now),
    prune: (now, limit) => items.prune(now, limit),
    erase: (accountId) => items.erase(accountId),
  };
}

class MemoryItems {
  /** Items of each account by id, oldest first; nested, so that no id can reach into another account. */
  readonly #accounts = new Map<string, Map<string, Entry>>();
  readonly #ids = new LRUCache<Entry, string>({
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (id, { value, accountId }) => value.length + id.length + accountId.length + 1,
    dispose: (id, entry) => this.#forget(entry, id),
  });

  put(accountId: string, items: Parameters<ItemStore['put']>[1], expiresAt: number): void {
    for (const { id, value } of items) {
      const old = this.#accounts.get(accountId)?.get(id);
      if (old) this.#ids.delete(old);
      const own = this.#accounts.get(accountId) ?? new Map<string, Entry>();
      this.#accounts.set(accountId, own);
      const entry = { accountId, value, expiresAt };
      own.set(id, entry);
      this.#ids.set(entry, id);
      const [oldest] = own.size > MAX_ACCOUNT_ITEMS ? own.values() : [];
      if (oldest) this.#ids.delete(oldest);
    }
  }

  get(accountId: string, ids: readonly string[], now: number): Map<string, FoundItem> {
    const found = new Map<string, FoundItem>();
    const own = this.#accounts.get(accountId);
    for (const id of ids) {
      const entry = own?.get(id);
      if (!entry || entry.expiresAt <= now) continue;
      this.#ids.get(entry);
      found.set(id, { value: entry.value, expiresAt: entry.expiresAt });
    }
    return found;
  }

  prune(now: number, limit: number): number {
    const old = [...this.#ids.keys()].filter(({ expiresAt }) => expiresAt <= now).slice(0, limit);
    for (const entry of old) this.#ids.delete(entry);
    return old.length;
  }

  erase(accountId: string): void {
    for (const entry of [...(this.#accounts.get(accountId)?.values() ?? [])]) this.#ids.delete(entry);
  }

  #forget({ accountId }: Entry, id: string): void {
    const own = this.#accounts.get(accountId);
    own?.delete(id);
    if (own?.size === 0) this.#accounts.delete(accountId);
  }
}
