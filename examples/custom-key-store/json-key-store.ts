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
    listKeys(accountId) {
      const own = tables.keys.filter((key) => key.accountId === accountId);
      return own.reverse().map(recordOf);
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
    saveAccount({ id, plan, now }) {
      const account = { ...(tables.accounts[id] ?? { id, createdAt: now }), ...(plan !== undefined && { plan }) };
      tables.accounts[id] = account;
      save();
      return { ...account };
    },
    listAccounts({ search = '', after, limit }) {
      const ids = Object.keys(tables.accounts).sort();
      const page = ids.filter((id) => id.includes(search) && (after === undefined || id > after)).slice(0, limit);
      return page.map((id) => ({ ...(tables.accounts[id] as Account) }));
    },
  };
}

function recordOf({ hash, ...record }: StoredKey): KeyRecord {
  return structuredClone(record);
}

/** Null removes a value, undefined leaves it, and the first `revokedAt` stays. */
function changedKey(key: StoredKey, change: KeyChange): StoredKey {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const merged = { ...key, ...Object.fromEntries(given), revokedAt: key.revokedAt ?? change.revokedAt };
  const kept = Object.entries(merged).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept) as unknown as StoredKey;
}
