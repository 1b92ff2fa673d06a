import { deepEqual, equal } from 'node:assert/strict';
import { type ItemStore, MAX_ACCOUNT_ITEMS } from '../items/item-store.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { atOnce, runSuite, type SuiteCase, type SuiteSkip, type SuiteTest, uniqueName } from './suite.js';

const HOUR = 3_600_000;

/**
 * Tests that an ItemStore keeps its contract: texts unchanged, separate for each account, with an expiry and a bound.
 *
 * @param test the runner's `test`.
 * @param options.create makes a store for one test; its database may be shared and kept. Times are near the real one.
 */
export function itemStoreSuite(
  test: SuiteTest,
  options: { readonly create: () => MaybePromise<ItemStore>; readonly skip?: readonly SuiteSkip[] },
): void {
  runSuite(test, itemCases, options.create, options.skip);
}

const itemCases: readonly SuiteCase<ItemStore>[] = [
  {
    name: 'what was put is found whole, with its expiry; what was not is absent',
    async run(store) {
      const [account, now] = [uniqueName('account'), Date.now()];
      const odd = { id: 'item:ä/:{}%_*', value: `{"a":"ü 😀 \\u0000 '\\""}\n:1:${'x'.repeat(100_000)}` };
      await store.put(account, [odd, { id: 'empty', value: '' }], now + HOUR);
      const found = await store.get(account, [odd.id, 'empty', 'unknown', odd.id], now);
      deepEqual(
        found,
        new Map([
          [odd.id, { value: odd.value, expiresAt: now + HOUR }],
          ['empty', { value: '', expiresAt: now + HOUR }],
        ]),
      );
      deepEqual(await store.get(account, [], now), new Map());
    },
  },
  {
    name: 'nothing is found for another account, nor for one whose name begins alike',
    async run(store) {
      const [account, now] = [uniqueName('account'), Date.now()];
      await store.put(account, [{ id: 'b:c', value: 'mine' }], now + HOUR);
      for (const other of [uniqueName('account'), `${account}:b`, account.slice(0, -1)]) {
        deepEqual(await store.get(other, ['b:c', 'c'], now), new Map());
      }
    },
  },
  {
    name: 'a text that is put again is replaced, and so is its expiry',
    async run(store) {
      const [account, now] = [uniqueName('account'), Date.now()];
      await store.put(account, [{ id: 'a', value: 'old' }], now + HOUR);
      await store.put(
        account,
        [
          { id: 'a', value: 'newer' },
          { id: 'a', value: 'newest' },
        ],
        now + 2 * HOUR,
      );
      deepEqual(
        await store.get(account, ['a'], now + HOUR),
        new Map([['a', { value: 'newest', expiresAt: now + 2 * HOUR }]]),
      );
    },
  },
  {
    name: 'what has expired is not found, and is pruned',
    async run(store) {
      const [account, now] = [uniqueName('account'), Date.now()];
      await store.put(account, [{ id: 'kept', value: 'k' }], now + HOUR);
      equal((await store.get(account, ['kept'], now + HOUR)).size, 0);
      await store.put(account, [{ id: 'old', value: 'o' }], now - HOUR);
      while ((await store.prune(now - HOUR, 100)) > 0);
      deepEqual([...(await store.get(account, ['kept', 'old'], now - 2 * HOUR)).keys()], ['kept']);
    },
  },
  {
    name: 'of too many for one account, those that expire first go',
    async run(store) {
      const [account, other, now] = [uniqueName('account'), uniqueName('account'), Date.now()];
      await store.put(other, [{ id: '0', value: 'other' }], now + HOUR);
      const all = Array.from({ length: MAX_ACCOUNT_ITEMS + 3 }, (_, i) => String(i));
      for (let i = 0; i < all.length; i += 1_024) {
        await store.put(
          account,
          all.slice(i, i + 1_024).map((id) => ({ id, value: id })),
          now + HOUR + i,
        );
      }
      const found = await store.get(account, all, now);
      equal(found.size, MAX_ACCOUNT_ITEMS);
      equal(found.get(all.at(-1) ?? '')?.value, all.at(-1));
      equal((await store.get(other, ['0'], now)).size, 1);
    },
  },
  {
    name: 'an erased account has nothing; others keep theirs',
    async run(store) {
      const [account, other, now] = [uniqueName('account'), uniqueName('account'), Date.now()];
      for (const each of [account, other]) await store.put(each, [{ id: 'a', value: each }], now + HOUR);
      await store.erase(account);
      equal((await store.get(account, ['a'], now)).size, 0);
      equal((await store.get(other, ['a'], now)).get('a')?.value, other);
      await store.erase(uniqueName('account'));
    },
  },
  {
    name: 'many writers of one account at once lose nothing',
    async run(store) {
      const [account, now] = [uniqueName('account'), Date.now()];
      await atOnce(20, (i) =>
        store.put(
          account,
          [
            { id: 'shared', value: 's' },
            { id: `own-${i}`, value: String(i) },
          ],
          now + HOUR,
        ),
      );
      const ids = Array.from({ length: 20 }, (_, i) => `own-${i}`);
      equal((await store.get(account, ['shared', ...ids], now)).size, 21);
    },
  },
];
