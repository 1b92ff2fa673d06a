import { deepEqual, equal, ok } from 'node:assert/strict';
import type { KeyRecord, KeyStore } from '../keys/key-store.js';
import { newKey, TIME } from './key-samples.js';
import { type SuiteCase, uniqueName } from './suite.js';

/** Pages of the keys of an account. */
export const keyPageCases: readonly SuiteCase<KeyStore>[] = [
  {
    name: 'pages hold every key once, newest first, also of keys from the same millisecond',
    async run(store) {
      const { accountId, ids } = await accountOf(store, 5);
      deepEqual(await page(store, accountId, 2), ids.slice(0, 2));
      deepEqual(await page(store, accountId, 2, ids[1]), ids.slice(2, 4));
      deepEqual(await page(store, accountId, 2, ids[3]), ids.slice(4));
      deepEqual(await page(store, accountId, 2, ids[4]), []);
      deepEqual(await page(store, accountId, 1_000), ids);
    },
  },
  {
    name: 'a key that is created between two pages moves none of the later ones',
    async run(store) {
      const { accountId, ids } = await accountOf(store, 4);
      const newer = newKey(accountId);
      await store.createKey(newer);
      deepEqual(await page(store, accountId, 2, ids[1]), ids.slice(2));
      deepEqual(await page(store, accountId, 2), [newer.id, ids[0]]);
    },
  },
  {
    name: 'a page after a key that the account does not have is empty',
    async run(store) {
      const { accountId } = await accountOf(store, 2);
      const other = await accountOf(store, 1);
      deepEqual(await page(store, accountId, 2, uniqueName('key')), []);
      deepEqual(await page(store, accountId, 2, other.ids[0]), []);
    },
  },
  {
    name: 'keys that are named are read at once, those of another account and unknown ones left out',
    async run(store) {
      if (!store.getKeys) return;
      const { accountId, ids } = await accountOf(store, 3);
      const other = await accountOf(store, 1);
      const wanted = [ids[2] ?? '', ids[0] ?? '', other.ids[0] ?? '', uniqueName('key')];
      const found = await store.getKeys(wanted, accountId);
      const all = await store.listKeys(accountId);
      deepEqual(
        found.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)),
        [all[0], all[2]],
      );
      deepEqual(await store.getKeys([], accountId), []);
    },
  },
  {
    name: 'a bound on keys holds however many are made at once, and only usable ones count',
    async run(store) {
      if (!store.createKeyWithin) return;
      const accountId = uniqueName('account');
      const add = async (changes?: Partial<KeyRecord>) =>
        store.createKeyWithin?.(newKey(accountId, changes), 3, TIME + 1_000);
      await store.createKey(newKey(accountId, { revokedAt: TIME }));
      await store.createKey(newKey(accountId, { expiresAt: TIME + 500 }));
      const added = await Promise.all(Array.from({ length: 20 }, () => add()));
      equal(added.filter(Boolean).length, 3);
      equal((await store.listKeys(accountId)).length, 5);
      const [newest] = await store.listKeys(accountId);
      ok(newest);
      await store.updateKey(newest.id, { revokedAt: TIME });
      deepEqual([await add(), await add()], [true, false]);
    },
  },
];

/** An account with that many keys, and their ids, newest first. */
async function accountOf(store: KeyStore, keys: number): Promise<{ accountId: string; ids: string[] }> {
  const accountId = uniqueName('account');
  const ids: string[] = [];
  for (let i = 0; i < keys; i++) {
    const key = newKey(accountId);
    await store.createKey(key);
    ids.unshift(key.id);
  }
  return { accountId, ids };
}

async function page(store: KeyStore, accountId: string, limit: number, before?: string): Promise<string[]> {
  const keys = await store.listKeys(accountId, before === undefined ? { limit } : { limit, before });
  return keys.map(({ id }) => id);
}
