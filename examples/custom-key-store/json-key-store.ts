import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Account, KeyChange, KeyRecord, KeyStore, StoredKey } from 'metask-gateway';

interface Tables {
  accounts: Record<string, Account>;
  keys: StoredKey[];
}

/**
 * Accounts and keys in one JSON file: small enough to read, and a full store of one process.
 *
 * Synchronous, so that every method is atomic. Keys arrive as hashes; the file holds no secret.
 */
export function jsonKeyStore(file: string): KeyStore {
  const tables: Tables = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { accounts: {}, keys: [] };

  function save(): void {
    writeFileSync(`${file}.new`, JSON.stringify(tables));
    renameSync(`${file}.new`, file);
  }

  return {
    createKey(key) {
      if (tables.keys.some(({ id, hash }) => id === key.id || hash === key.hash)) throw new Error('the key exists');
      tables.accounts[key.accountId] ??= { id: key.accountId, createdAt: key.createdAt };
      tables.keys.push(key);
      save();
    },
    findKey(hash) {
      const stored = tables.keys.find((key) => key.hash === hash);
      const account = stored && tables.accounts[stored.accountId];
      return account && { key: recordOf(stored), account: { ...account } };
    },
    listKeys(accountId, page) {
      const own = tables.keys.filter((key) => key.accountId === accountId && !key.details?.session).reverse();
      const last = own.findIndex(({ id }) => id === page?.before);
      if (page?.before !== undefined && last === -1) return [];
      return own.slice(last + 1, last + 1 + (page?.limit ?? own.length)).map(recordOf);
    },
    updateKey(id, change, accountId) {
      const index = tables.keys.findIndex((key) => key.id === id && key.accountId === (accountId ?? key.accountId));
      const stored = tables.keys[index];
      if (!stored) return undefined;
      const changed = (tables.keys[index] = changedKey(stored, change));
      save();
      return recordOf(changed);
    },
    touchKeys(uses) {
      for (const { id, at } of uses) {
        const index = tables.keys.findIndex((key) => key.id === id);
        const stored = tables.keys[index];
        if (stored && at > (stored.lastUsedAt ?? 0)) tables.keys[index] = { ...stored, lastUsedAt: at };
      }
      save();
    },
    getAccount(id) {
      const account = tables.accounts[id];
      return account && { ...account };
    },
    saveAccount({ id, plan, budget, suspension, profile, now }) {
      const known: Account = tables.accounts[id] ?? { id, createdAt: now };
      const planned = plan !== undefined && plan !== known.plan ? { ...known, plan, planSince: now } : known;
      const account = mergedPart(merged(planned, { budget, suspension }), 'profile', profile);
      tables.accounts[id] = account;
      save();
      return { ...account };
    },
    listAccounts({ search = '', after, limit }) {
      const sorted = Object.values(tables.accounts).sort((a, b) => (a.id < b.id ? -1 : 1));
      const found = sorted.filter((one) => isFound(one, search) && (after === undefined || one.id > after));
      return found.slice(0, limit).map((one) => ({ ...one }));
    },
  };
}

function recordOf({ hash, ...record }: StoredKey): KeyRecord {
  return structuredClone(record);
}

/** The first `revokedAt` stays; details are changed one by one. */
function changedKey(key: StoredKey, { details, ...change }: KeyChange): StoredKey {
  return mergedPart(merged(key, { ...change, revokedAt: key.revokedAt ?? change.revokedAt }), 'details', details);
}

/** Merges a part of a value field by field; a part without fields is none. */
function mergedPart<T extends object>(value: T, name: keyof T, change: object | undefined): T {
  if (!change) return value;
  const part = merged(value[name] ?? {}, change);
  return merged(value, { [name]: Object.keys(part).length > 0 ? part : null });
}

/** By a part of the id, or of the name and address in any case. */
function isFound({ id, profile }: Account, search: string): boolean {
  const texts = [profile?.displayName, profile?.email];
  return id.includes(search) || texts.some((text) => text?.toLowerCase().includes(search.toLowerCase()));
}

/** Null removes a value, undefined leaves it. */
function merged<T extends object>(value: T, change: object): T {
  const given = Object.entries(change).filter(([, one]) => one !== undefined);
  const kept = Object.entries({ ...value, ...Object.fromEntries(given) }).filter(([, one]) => one !== null);
  return Object.fromEntries(kept) as T;
}
