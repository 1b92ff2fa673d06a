import { changedValues } from '../../keys/key-details.js';
import type {
  Account,
  AccountChange,
  AccountQuery,
  KeyChange,
  KeyPage,
  KeyRecord,
  KeyStore,
  KeyWithAccount,
  StoredKey,
} from '../../keys/key-store.js';

/** Accounts and keys in this process's memory; lost when it ends. Records are frozen and replaced, never changed. */
export function memoryKeyStore(): KeyStore {
  const accounts = new MemoryAccounts();
  const keys = new MemoryKeys(accounts);
  return {
    createKey: (key) => keys.create(key),
    createKeyWithin: (key, most, now) => keys.createWithin(key, most, now),
    findKey: (hash) => keys.find(hash),
    findKeyByName: (idOrHint) => keys.findByName(idOrHint),
    listKeys: (accountId, page) => keys.list(accountId, page, ({ details }) => !details?.session),
    listSessions: (accountId, page) => keys.list(accountId, page, ({ details }) => details?.session !== undefined),
    pruneSessions: (expiredBefore) => keys.pruneSessions(expiredBefore),
    updateKey: (id, change, accountId) => keys.update(id, change, accountId),
    touchKeys: (uses) => keys.touch(uses),
    getAccount: (id) => accounts.get(id),
    saveAccount: (change) => accounts.save(change),
    listAccounts: (query) => accounts.list(query),
  };
}

class MemoryAccounts {
  readonly #accounts = new Map<string, Account>();
  /** All ids in their order; undefined until somebody asks for it. */
  #sortedIds: string[] | undefined;

  get(id: string): Account | undefined {
    return this.#accounts.get(id);
  }

  save({ id, plan, budget, suspension, profile = {}, now }: AccountChange): Account {
    const known: Account = this.#accounts.get(id) ?? { id, createdAt: now };
    const change = {
      ...(plan !== undefined && plan !== known.plan && { plan, planSince: now }),
      ...{ budget, suspension, profile: changedValues(known.profile, profile) ?? null },
    };
    return this.#put(changedValues(known, change) ?? known);
  }

  add(id: string, createdAt: number): void {
    if (!this.#accounts.has(id)) this.#put({ id, createdAt });
  }

  list({ search = '', after, limit }: AccountQuery): Account[] {
    this.#sortedIds ??= [...this.#accounts.keys()].sort();
    const page: Account[] = [];
    for (const id of this.#sortedIds) {
      if (page.length >= limit) break;
      const account = this.#accounts.get(id);
      if (account && (after === undefined || id > after) && isFound(account, search)) page.push(account);
    }
    return page;
  }

  #put(account: Account): Account {
    if (!this.#accounts.has(account.id)) this.#sortedIds = undefined;
    const saved = Object.freeze({ ...account });
    this.#accounts.set(account.id, saved);
    return saved;
  }
}

class MemoryKeys {
  readonly #accounts: MemoryAccounts;
  readonly #keys = new Map<string, KeyRecord>();
  readonly #idsByHash = new Map<string, string>();
  /** Oldest first. */
  readonly #idsByAccount = new Map<string, string[]>();

  constructor(accounts: MemoryAccounts) {
    this.#accounts = accounts;
  }

  create({ hash, ...record }: StoredKey): void {
    if (this.#keys.has(record.id)) throw new Error('a key with this id exists');
    if (this.#idsByHash.has(hash)) throw new Error('a key with this hash exists');
    this.#accounts.add(record.accountId, record.createdAt);
    this.#keys.set(record.id, freeze(record));
    this.#idsByHash.set(hash, record.id);
    const ids = this.#idsByAccount.get(record.accountId);
    if (ids) ids.push(record.id);
    else this.#idsByAccount.set(record.accountId, [record.id]);
  }

  createWithin(key: StoredKey, most: number, now: number): boolean {
    const usable = this.#of(key.accountId).filter(
      ({ details, revokedAt, expiresAt = Infinity }) => !details?.session && revokedAt === undefined && now < expiresAt,
    );
    if (usable.length >= most) return false;
    this.create(key);
    return true;
  }

  find(hash: string): KeyWithAccount | undefined {
    const key = this.#keys.get(this.#idsByHash.get(hash) ?? '');
    const account = key && this.#accounts.get(key.accountId);
    return key && account && { key, account };
  }

  findByName(wanted: string): KeyRecord | undefined {
    return [...this.#keys.values()].findLast(({ id, hint }) => id === wanted || hint === wanted);
  }

  list(accountId: string, page: KeyPage | undefined, isListed: (key: KeyRecord) => boolean): KeyRecord[] {
    const newest = this.#of(accountId).filter(isListed).reverse();
    if (!page) return newest;
    if (page.before === undefined) return newest.slice(0, page.limit);
    const last = newest.findIndex(({ id }) => id === page.before);
    return last === -1 ? [] : newest.slice(last + 1, last + 1 + page.limit);
  }

  pruneSessions(expiredBefore: number): number {
    let pruned = 0;
    for (const [hash, id] of this.#idsByHash) {
      const key = this.#keys.get(id);
      if (!key?.details?.session || (key.expiresAt ?? Number.POSITIVE_INFINITY) >= expiredBefore) continue;
      this.#idsByHash.delete(hash);
      this.#keys.delete(id);
      const ids = this.#idsByAccount.get(key.accountId);
      ids?.splice(ids.indexOf(id), 1);
      pruned += 1;
    }
    return pruned;
  }

  update(id: string, change: KeyChange, accountId?: string): KeyRecord | undefined {
    const key = this.#keys.get(id);
    if (!key || (accountId !== undefined && key.accountId !== accountId)) return undefined;
    const changed = freeze(applyChange(key, change));
    this.#keys.set(id, changed);
    return changed;
  }

  touch(uses: readonly { readonly id: string; readonly at: number }[]): void {
    for (const { id, at } of uses) {
      const key = this.#keys.get(id);
      if (key && at > (key.lastUsedAt ?? Number.NEGATIVE_INFINITY))
        this.#keys.set(id, freeze({ ...key, lastUsedAt: at }));
    }
  }

  #of(accountId: string): KeyRecord[] {
    return (this.#idsByAccount.get(accountId) ?? []).flatMap((id) => this.#keys.get(id) ?? []);
  }
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
