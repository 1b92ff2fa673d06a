import { LRUCache } from 'lru-cache';
import { andThen, guarded, type MaybePromise } from '../lib/maybe-promise.js';
import { inTime } from '../lib/time-limit.js';
import type { KeyEvents } from './key-events.js';
import type { Account, KeyPage, KeyRecord, KeyStore, KeyWithAccount, StoredKey } from './key-store.js';

/** A key store whose verified keys are remembered for some seconds. */
export interface CachedKeyStore extends KeyStore {
  /**
   * The key with this hash and its account, from memory where possible. The snapshot is read-only; the caller checks
   * with `isActive`, at each use, whether the key is revoked or expired.
   *
   * @param mayExist asked before the store: a hash that no valid key can have costs no look-up.
   * @default always true
   */
  find(hash: string, mayExist?: () => boolean): MaybePromise<KeyWithAccount | undefined>;
  /** Drops what is cached of an account, here and in other processes. */
  announce(accountId: string): void;
  /** The account with this id, from memory where possible; an unknown one is created. */
  account(id: string): MaybePromise<Account>;
  /** Look-ups since the start that memory answered, and those that it did not. */
  readonly lookups: { readonly hits: number; readonly misses: number };
}

export interface CachedKeyStoreOptions {
  /** Tells other processes of changes, and this one of theirs. */
  readonly events?: KeyEvents;
  /** @default Date.now */
  readonly now?: () => number;
  /** A clock that never jumps, in milliseconds. @default performance.now */
  readonly monotonic?: () => number;
  /** Lifetime of a found key, at most 10 s. @default 10_000 */
  readonly ttlMs?: number;
  /** Lifetime of a hash that no key has, at most 5 s. @default 5_000 */
  readonly negativeTtlMs?: number;
  /** How long a look-up may take. @default 5_000 */
  readonly storeMs?: number;
  /** How many hashes are remembered. @default 10_000 */
  readonly max?: number;
  /** Receives failures to publish a change or to subscribe to changes. */
  readonly onError?: (error: unknown) => void;
}

type Unsubscribe = Awaited<ReturnType<KeyEvents['subscribe']>>;

interface Entry<Found> {
  readonly found: Found;
  readonly since: number;
  readonly until: number;
  /** The same end on the clock that never jumps: a wall clock that is set back must not lengthen a key's life. */
  readonly latest: number;
}

const MAX_TTL_MS = 10_000;
const MAX_NEGATIVE_TTL_MS = 5_000;

/** Puts a bounded cache in front of a key store; every change through it, or announced by `events`, drops at once. */
export function cachedKeyStore(store: KeyStore, options: CachedKeyStoreOptions = {}): CachedKeyStore {
  const cache = new KeyCache(store, options);
  const { events, onError = () => {} } = options;
  const announce = (accountId: string) => {
    cache.drop(accountId);
    if (events) void guarded(() => events.publish(accountId), onError);
  };
  const subscription =
    events &&
    guarded<Unsubscribe | undefined>(
      () => events.subscribe((accountId) => cache.drop(accountId)),
      (error) => {
        onError(error);
        return undefined;
      },
    );

  return {
    find: (hash, mayExist) => cache.find(hash, mayExist),
    account: (id) => cache.account(id),
    lookups: cache.lookups,
    announce,
    ...readsOf(store),
    ...changesOf(store, cache, announce),
    async close() {
      const unsubscribe = await subscription;
      await unsubscribe?.();
      await store.close?.();
    },
  };
}

/** What is asked of the store each time; optional methods where it has them. */
function readsOf(store: KeyStore) {
  return {
    findKey: (hash) => store.findKey(hash),
    listKeys: (accountId, page) => store.listKeys(accountId, page),
    ...(store.getKeys && {
      getKeys: (ids: readonly string[], accountId: string) => store.getKeys?.(ids, accountId) ?? [],
    }),
    ...(store.listSessions && {
      listSessions: (accountId: string, page: KeyPage) => store.listSessions?.(accountId, page) ?? [],
    }),
    getAccount: (id) => store.getAccount(id),
    ...(store.getAccounts && { getAccounts: (ids: readonly string[]) => store.getAccounts?.(ids) ?? [] }),
    ...(store.findKeyByName && { findKeyByName: (wanted: string) => store.findKeyByName?.(wanted) }),
    listAccounts: (query) => store.listAccounts(query),
  } satisfies Partial<KeyStore>;
}

/** What changes keys and accounts, and drops what is remembered of them. */
function changesOf(store: KeyStore, cache: KeyCache, announce: (accountId: string) => void) {
  const created = ({ hash, accountId }: StoredKey) => {
    cache.dropHash(hash);
    announce(accountId);
  };
  return {
    async createKey(key) {
      await store.createKey(key);
      created(key);
    },
    ...(store.createKeyWithin && {
      async createKeyWithin(key: StoredKey, most: number, now: number) {
        const isAdded = (await store.createKeyWithin?.(key, most, now)) ?? false;
        if (isAdded) created(key);
        return isAdded;
      },
    }),
    async updateKey(id, change, accountId) {
      const key = await store.updateKey(id, change, accountId);
      const isChange = Object.values(change).some((value) => value !== undefined);
      if (key && isChange) announce(key.accountId);
      return key;
    },
    async saveAccount(account) {
      const saved = await store.saveAccount(account);
      announce(saved.id);
      return saved;
    },
    // Neither changes what a request may do: what is remembered stays.
    touchKeys: (uses) => store.touchKeys(uses),
    pruneSessions: (expiredBefore) => store.pruneSessions?.(expiredBefore) ?? 0,
  } satisfies Partial<KeyStore>;
}

/** True when a key may be used now: neither revoked nor disabled nor expired. */
export function isActive(key: KeyRecord, now: number): boolean {
  return (
    key.revokedAt === undefined &&
    key.details?.disabledAt === undefined &&
    (key.expiresAt === undefined || now < key.expiresAt)
  );
}

class KeyCache {
  readonly lookups = { hits: 0, misses: 0 };
  readonly #store: KeyStore;
  readonly #now: () => number;
  readonly #monotonic: () => number;
  readonly #ttlMs: number;
  readonly #negativeTtlMs: number;
  readonly #storeMs: number;
  readonly #entries: LRUCache<string, Entry<KeyWithAccount>>;
  /** Hashes that no key has, in a cache of their own: made-up keys must not evict real ones. */
  readonly #unknown: LRUCache<string, Entry<undefined>>;
  readonly #accounts: LRUCache<string, Entry<Account>>;
  /** How often something was dropped: what was read before a drop may be stale. */
  #drops = 0;
  readonly #hashesOf = new Map<string, Set<string>>();
  readonly #loading = new Map<string, Promise<KeyWithAccount | undefined>>();

  constructor(store: KeyStore, options: CachedKeyStoreOptions) {
    this.#store = store;
    this.#now = options.now ?? Date.now;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#ttlMs = Math.min(MAX_TTL_MS, options.ttlMs ?? MAX_TTL_MS);
    this.#storeMs = options.storeMs ?? 5_000;
    this.#negativeTtlMs = Math.min(MAX_NEGATIVE_TTL_MS, options.negativeTtlMs ?? MAX_NEGATIVE_TTL_MS);
    this.#entries = new LRUCache({
      max: options.max ?? 10_000,
      dispose: ({ found }, hash) => this.#forget(found.account.id, hash),
    });
    this.#unknown = new LRUCache({ max: options.max ?? 10_000 });
    this.#accounts = new LRUCache({ max: options.max ?? 10_000 });
  }

  find(hash: string, mayExist = () => true): MaybePromise<KeyWithAccount | undefined> {
    const entry = this.#entries.get(hash) ?? this.#unknown.get(hash);
    if (entry && this.#isFresh(entry)) {
      this.lookups.hits += 1;
      return entry.found;
    }
    if (!mayExist()) return undefined;
    this.lookups.misses += 1;
    const loading = this.#loading.get(hash);
    if (loading) return loading;
    const found = inTime(this.#store.findKey(hash), this.#storeMs, 'the key store');
    if (!(found instanceof Promise)) return this.#remember(hash, found);
    const load: Promise<KeyWithAccount | undefined> = found.then((value) =>
      this.#loading.get(hash) === load ? this.#remember(hash, value) : value,
    );
    this.#loading.set(hash, load);
    const done = () => {
      if (this.#loading.get(hash) === load) this.#loading.delete(hash);
    };
    load.then(done, done);
    return load;
  }

  account(id: string): MaybePromise<Account> {
    const entry = this.#accounts.get(id);
    if (entry && this.#isFresh(entry)) return entry.found;
    const drops = this.#drops;
    const known = andThen(
      this.#store.getAccount(id),
      (account) => account ?? this.#store.saveAccount({ id, now: this.#now() }),
    );
    return andThen(inTime(known, this.#storeMs, 'the key store'), (account) => {
      if (drops === this.#drops) this.#accounts.set(id, this.#entryOf(Object.freeze(account), this.#ttlMs));
      return account;
    });
  }

  drop(accountId: string): void {
    this.#drops += 1;
    this.#accounts.delete(accountId);
    for (const hash of this.#hashesOf.get(accountId) ?? []) this.#entries.delete(hash);
    // It is not known yet whose key a running look-up will find. What it read may be stale, so none of them is kept.
    this.#loading.clear();
  }

  dropHash(hash: string): void {
    this.#entries.delete(hash);
    this.#unknown.delete(hash);
  }

  #isFresh({ since, until, latest }: Entry<unknown>): boolean {
    const now = this.#now();
    return now >= since && now < until && this.#monotonic() < latest;
  }

  #remember(hash: string, found: KeyWithAccount | undefined): KeyWithAccount | undefined {
    const value = found && Object.freeze({ key: Object.freeze(found.key), account: Object.freeze(found.account) });
    if (!value) this.#unknown.set(hash, this.#entryOf(undefined, this.#negativeTtlMs));
    else {
      this.#entries.set(hash, this.#entryOf(value, this.#ttlMs));
      const hashes = this.#hashesOf.get(value.account.id);
      if (hashes) hashes.add(hash);
      else this.#hashesOf.set(value.account.id, new Set([hash]));
    }
    return value;
  }

  #entryOf<Found>(found: Found, lifetime: number): Entry<Found> {
    const since = this.#now();
    return { found, since, until: since + lifetime, latest: this.#monotonic() + lifetime };
  }

  #forget(accountId: string, hash: string): void {
    const hashes = this.#hashesOf.get(accountId);
    hashes?.delete(hash);
    if (hashes?.size === 0) this.#hashesOf.delete(accountId);
  }
}
