import { deepEqual } from 'node:assert/strict';
import type { KeyStore } from '../keys/key-store.js';
import { newKey } from './key-samples.js';
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
];

/** An account with so many keys, and their ids, newest first. */
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
