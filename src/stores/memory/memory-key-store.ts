import { changedValues } from '../../keys/key-details.js';
import type { Account, KeyChange, KeyPage, KeyRecord, KeyStore, StoredKey } from '../../keys/key-store.js';

/** Accounts and keys in this process's memory; lost when it ends. Records are frozen and replaced, never changed. */
export function memoryKeyStore(): KeyStore {
  const accounts = new Map<string, Account>();
  return { ...accountsIn(accounts), ...keysIn(accounts) };
}

function accountsIn(accounts: Map<string, Account>) {
  let sortedIds: string[] = [];
  return {
    getAccount: (id) => accounts.get(id),
    saveAccount({ id, plan, budget, suspension, profile = {}, now }) {
      const known: Account = accounts.get(id) ?? { id, createdAt: now };
      const change = {
        ...(plan !== undefined && plan !== known.plan && { plan, planSince: now }),
        ...{ budget, suspension, profile: changedValues(known.profile, profile) ?? null },
      };
      const saved = Object.freeze({ ...(changedValues(known, change) ?? known) });
      accounts.set(id, saved);
      return saved;
    },
    listAccounts({ search = '', after, limit }) {
      // Accounts are added and never removed.
      if (sortedIds.length < accounts.size) sortedIds = [...accounts.keys()].sort();
      const page: Account[] = [];
      for (const id of sortedIds) {
        if (page.length >= limit) break;
        const account = accounts.get(id);
        if (account && (after === undefined || id > after) && isFound(account, search)) page.push(account);
      }
      return page;
    },
  } satisfies Partial<KeyStore>;
}

function keysIn(accounts: Map<string, Account>) {
  const keys = new Map<string, KeyRecord>();
  const idsByHash = new Map<string, string>();
  const idsByAccount = new Map<string, string[]>();
  const keysOf = (accountId: string) => (idsByAccount.get(accountId) ?? []).flatMap((id) => keys.get(id) ?? []);

  const createKey = ({ hash, ...record }: StoredKey) => {
    const { id, accountId, createdAt } = record;
    if (keys.has(id)) throw new Error('a key with this id exists');
    if (idsByHash.has(hash)) throw new Error('a key with this hash exists');
    if (!accounts.has(accountId)) accounts.set(accountId, Object.freeze({ id: accountId, createdAt }));
    keys.set(id, freeze(record));
    idsByHash.set(hash, id);
    const ids = idsByAccount.get(accountId);
    if (ids) ids.push(id);
    else idsByAccount.set(accountId, [id]);
  };

  return {
    createKey,
    createKeyWithin(key, most, now) {
      const hasRoom = keysOf(key.accountId).filter((known) => isUsable(known, now)).length < most;
      if (hasRoom) createKey(key);
      return hasRoom;
    },
    findKey(hash) {
      const key = keys.get(idsByHash.get(hash) ?? '');
      const account = key && accounts.get(key.accountId);
      return key && account && { key, account };
    },
    ...listsOf(keys, keysOf),
    ...changesOf(keys),
    pruneSessions(expiredBefore) {
      const before = keys.size;
      for (const [hash, id] of idsByHash) {
        const key = keys.get(id);
        if (!key?.details?.session || (key.expiresAt ?? Number.POSITIVE_INFINITY) >= expiredBefore) continue;
        idsByHash.delete(hash);
        keys.delete(id);
        remove(idsByAccount.get(key.accountId), id);
      }
      return before - keys.size;
    },
  } satisfies Partial<KeyStore>;
}

function remove(ids: string[] = [], id: string): void {
  ids.splice(ids.indexOf(id), 1);
}

function listsOf(keys: ReadonlyMap<string, KeyRecord>, keysOf: (accountId: string) => KeyRecord[]) {
  const list = (accountId: string, page: KeyPage | undefined, isListed: (key: KeyRecord) => boolean) => {
    const newest = keysOf(accountId).filter(isListed).reverse();
    if (!page) return newest;
    if (page.before === undefined) return newest.slice(0, page.limit);
    const last = newest.findIndex(({ id }) => id === page.before);
    return last === -1 ? [] : newest.slice(last + 1, last + 1 + page.limit);
  };
  return {
    findKeyByName: (wanted) => [...keys.values()].findLast(({ id, hint }) => id === wanted || hint === wanted),
    listKeys: (accountId, page) => list(accountId, page, ({ details }) => !details?.session),
    listSessions: (accountId, page) => list(accountId, page, ({ details }) => details?.session !== undefined),
  } satisfies Partial<KeyStore>;
}

function changesOf(keys: Map<string, KeyRecord>) {
  return {
    updateKey(id, change, accountId) {
      const key = keys.get(id);
      if (!key || (accountId !== undefined && key.accountId !== accountId)) return undefined;
      const changed = freeze(applyChange(key, change));
      keys.set(id, changed);
      return changed;
    },
    touchKeys(uses) {
      for (const { id, at } of uses) {
        const key = keys.get(id);
        if (key && at > (key.lastUsedAt ?? Number.NEGATIVE_INFINITY)) keys.set(id, freeze({ ...key, lastUsedAt: at }));
      }
    },
  } satisfies Partial<KeyStore>;
}

/** True for a key that counts among those an account may have. */
function isUsable({ details, revokedAt, expiresAt = Infinity }: KeyRecord, now: number): boolean {
  return !details?.session && revokedAt === undefined && now < expiresAt;
}

function isFound({ id, profile }: Account, search: string): boolean {
  const wanted = search.toLowerCase();
  return (
    id.includes(search) || [profile?.displayName, profile?.email].some((text) => text?.toLowerCase().includes(wanted))
  );
}

/** Applies a change to a record: null removes, undefined leaves, and the first `revokedAt` stays. */
function applyChange(key: KeyRecord, { details, ...change }: KeyChange): KeyRecord {
  const changed = {
    ...change,
    revokedAt: key.revokedAt ?? change.revokedAt,
    details: details && (changedValues(key.details, details) ?? null),
  };
  return changedValues(key, changed) ?? key;
}

function freeze(record: KeyRecord): KeyRecord {
  const { models, limits, budget, details } = record;
  return Object.freeze({
    ...record,
    ...(models && { models: Object.freeze([...models]) }),
    ...(limits && { limits: Object.freeze({ ...limits }) }),
    ...(budget && { budget: Object.freeze({ ...budget }) }),
    ...(details && { details: Object.freeze({ ...details }) }),
  });
}
