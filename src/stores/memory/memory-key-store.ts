import { changedValues } from '../../keys/key-details.js';
import type { Account, KeyChange, KeyPage, KeyRecord, KeyStore, StoredKey } from '../../keys/key-store.js';

/** Accounts and keys in this process's memory; lost when it ends. Records are frozen and replaced, never changed. */
export function memoryKeyStore(): KeyStore {
  const accounts = new Map<string, Account>();
  const keys = new Map<string, KeyRecord>();
  const idsByHash = new Map<string, string>();
  const idsByAccount = new Map<string, string[]>();
  let accountIds: string[] | undefined;

  const saveAccount = (account: Account): Account => {
    if (!accounts.has(account.id)) accountIds = undefined;
    const saved = Object.freeze({ ...account });
    accounts.set(account.id, saved);
    return saved;
  };
  const sortedIds = () => {
    accountIds ??= [...accounts.keys()].sort();
    return accountIds;
  };

  const createKey = ({ hash, ...record }: StoredKey) => {
    if (keys.has(record.id)) throw new Error('a key with this id exists');
    if (idsByHash.has(hash)) throw new Error('a key with this hash exists');
    if (!accounts.has(record.accountId)) saveAccount({ id: record.accountId, createdAt: record.createdAt });
    keys.set(record.id, freeze(record));
    idsByHash.set(hash, record.id);
    const ids = idsByAccount.get(record.accountId);
    if (ids) ids.push(record.id);
    else idsByAccount.set(record.accountId, [record.id]);
  };

  const list = (accountId: string, page: KeyPage | undefined, isListed: (key: KeyRecord) => boolean) => {
    const ids = idsByAccount.get(accountId) ?? [];
    const newest = ids
      .flatMap((id) => keys.get(id) ?? [])
      .filter(isListed)
      .reverse();
    if (!page) return newest;
    if (page.before === undefined) return newest.slice(0, page.limit);
    const last = newest.findIndex(({ id }) => id === page.before);
    return last === -1 ? [] : newest.slice(last + 1, last + 1 + page.limit);
  };

  return {
    createKey,
    createKeyWithin(key, most, now) {
      const usable = (idsByAccount.get(key.accountId) ?? []).filter((id) => {
        const known = keys.get(id);
        return known && !known.details?.session && known.revokedAt === undefined && now < (known.expiresAt ?? Infinity);
      });
      if (usable.length >= most) return false;
      createKey(key);
      return true;
    },
    findKey(hash) {
      const key = keys.get(idsByHash.get(hash) ?? '');
      const account = key && accounts.get(key.accountId);
      return key && account && { key, account };
    },
    findKeyByName(wanted) {
      return [...keys.values()].findLast(({ id, hint }) => id === wanted || hint === wanted);
    },
    listKeys: (accountId, page) => list(accountId, page, ({ details }) => !details?.session),
    listSessions: (accountId, page) => list(accountId, page, ({ details }) => details?.session !== undefined),
    pruneSessions(expiredBefore) {
      let pruned = 0;
      for (const [hash, id] of idsByHash) {
        const key = keys.get(id);
        if (!key?.details?.session || (key.expiresAt ?? Number.POSITIVE_INFINITY) >= expiredBefore) continue;
        idsByHash.delete(hash);
        keys.delete(id);
        const ids = idsByAccount.get(key.accountId);
        ids?.splice(ids.indexOf(id), 1);
        pruned += 1;
      }
      return pruned;
    },
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
    getAccount: (id) => accounts.get(id),
    saveAccount({ id, plan, budget, suspension, profile = {}, now }) {
      const known: Account = accounts.get(id) ?? { id, createdAt: now };
      const change = {
        ...(plan !== undefined && plan !== known.plan && { plan, planSince: now }),
        ...{ budget, suspension, profile: changedValues(known.profile, profile) ?? null },
      };
      return saveAccount(changedValues(known, change) ?? known);
    },
    listAccounts({ search = '', after, limit }) {
      const page: Account[] = [];
      for (const id of sortedIds()) {
        if (page.length >= limit) break;
        const account = accounts.get(id);
        if (account && (after === undefined || id > after) && isFound(account, search)) page.push(account);
      }
      return page;
    },
  };
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
