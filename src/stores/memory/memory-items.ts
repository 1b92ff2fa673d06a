import { LRUCache } from 'lru-cache';
import { type FoundItem, type ItemStore, MAX_ACCOUNT_ITEMS } from '../../items/item-store.js';

const MAX_CHARACTERS = 32 * 1024 * 1024;

interface Entry extends FoundItem {
  readonly accountId: string;
}

/** Kept items in this process's memory, up to 32 million characters: those that were used least recently go first. */
export function memoryItems(): ItemStore {
  /** Ids of each account, oldest first; nested, so that no id can reach into another account. */
  const accounts = new Map<string, Map<string, Entry>>();
  const sizes = new LRUCache<Entry, string>({
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (id, { value, accountId }) => value.length + id.length + accountId.length + 1,
    dispose: (id, entry) => forget(accounts, entry, id),
  });

  return {
    put(accountId, items, expiresAt) {
      for (const { id, value } of items) {
        const old = accounts.get(accountId)?.get(id);
        if (old) sizes.delete(old);
        const own = accounts.get(accountId) ?? new Map<string, Entry>();
        accounts.set(accountId, own);
        const entry = { accountId, value, expiresAt };
        own.set(id, entry);
        sizes.set(entry, id);
        const [oldest] = own.size > MAX_ACCOUNT_ITEMS ? own.values() : [];
        if (oldest) sizes.delete(oldest);
      }
    },
    get(accountId, ids, now) {
      const found = new Map<string, FoundItem>();
      const own = accounts.get(accountId);
      for (const id of ids) {
        const entry = own?.get(id);
        if (!entry || entry.expiresAt <= now) continue;
        sizes.get(entry);
        found.set(id, { value: entry.value, expiresAt: entry.expiresAt });
      }
      return found;
    },
    prune(now, limit) {
      const old = [...sizes.keys()].filter(({ expiresAt }) => expiresAt <= now).slice(0, limit);
      for (const entry of old) sizes.delete(entry);
      return old.length;
    },
    erase(accountId) {
      for (const entry of [...(accounts.get(accountId)?.values() ?? [])]) sizes.delete(entry);
    },
  };
}

function forget(accounts: Map<string, Map<string, Entry>>, { accountId }: Entry, id: string): void {
  const own = accounts.get(accountId);
  own?.delete(id);
  if (own?.size === 0) accounts.delete(accountId);
}
