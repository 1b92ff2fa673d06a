import { changedDetails } from '../../keys/key-details.js';
import type {
  Account,
  KeyChange,
  KeyPage,
  KeyRecord,
  KeyStore,
  Profile,
  ProfileChange,
  StoredKey,
} from '../../keys/key-store.js';

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
    saveAccount({ id, plan, budget, suspension, profile, now }) {
      const { budget: had, suspension: was, profile: known, ...account } = accounts.get(id) ?? { id, createdAt: now };
      const kept = budget === undefined ? had : (budget ?? undefined);
      const suspended = suspension === undefined ? was : (suspension ?? undefined);
      const called = changedProfile(known, profile);
      return saveAccount({
        ...account,
        ...(plan !== undefined && plan !== account.plan && { plan, planSince: now }),
        ...(kept && { budget: kept }),
        ...(suspended && { suspension: suspended }),
        ...(called && { profile: called }),
      });
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

function changedProfile(known: Profile = {}, change: ProfileChange = {}): Profile | undefined {
  const entries = Object.entries({ ...known, ...change }).filter(([, value]) => value !== null && value !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as Profile) : undefined;
}

function isFound({ id, profile }: Account, search: string): boolean {
  const wanted = search.toLowerCase();
  return (
    id.includes(search) || [profile?.displayName, profile?.email].some((text) => text?.toLowerCase().includes(wanted))
  );
}

/** Applies a change to a record: null removes, undefined leaves, and the first `revokedAt` stays. */
function applyChange(key: KeyRecord, change: KeyChange): KeyRecord {
  const { expiresAt, models, limits, budget, details: had, ...rest } = key;
  const details = change.details ? changedDetails(had, change.details) : had;
  const kept = <T>(old: T | undefined, next: T | null | undefined) => (next === undefined ? old : (next ?? undefined));
  const next = {
    expiresAt: kept(expiresAt, change.expiresAt),
    models: kept(models, change.models),
    limits: kept(limits, change.limits),
    budget: kept(budget, change.budget),
    revokedAt: rest.revokedAt ?? change.revokedAt,
    name: change.name ?? rest.name,
  };
  return {
    ...rest,
    name: next.name,
    ...(next.expiresAt !== undefined && { expiresAt: next.expiresAt }),
    ...(next.models !== undefined && { models: next.models }),
    ...(next.limits !== undefined && { limits: next.limits }),
    ...(next.budget !== undefined && { budget: next.budget }),
    ...(next.revokedAt !== undefined && { revokedAt: next.revokedAt }),
    ...(details && { details }),
  };
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
