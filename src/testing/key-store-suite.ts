import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { KeyChange, KeyRecord, KeyStore, StoredKey } from '../keys/key-store.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { keyAccountCases } from './key-account-cases.js';
import { keyDetailsCases } from './key-details-cases.js';
import { keyPageCases } from './key-page-cases.js';
import { newKey, TIME } from './key-samples.js';
import { keySessionCases } from './key-session-cases.js';
import { atOnce, runSuite, type SuiteCase, type SuiteSkip, type SuiteTest, uniqueName } from './suite.js';

/**
 * Tests that a KeyStore keeps its contract: unique keys, one-look-up reads, changes, details, session tokens, pages,
 * suspension, isolation between accounts.
 *
 * @param test the runner's `test`.
 * @param options.create makes a store for one test; its database may be shared and kept.
 */
export function keyStoreSuite(
  test: SuiteTest,
  options: { readonly create: () => MaybePromise<KeyStore>; readonly skip?: readonly SuiteSkip[] },
): void {
  const cases = [...keyCases, ...keyDetailsCases, ...keySessionCases, ...keyPageCases, ...keyAccountCases];
  runSuite(test, cases, options.create, options.skip);
}

const FULL: KeyChange = {
  expiresAt: TIME + 1_000,
  models: ['gpt-4o-mini', 'ft:gpt-4o:org/ä'],
  limits: { requestsPerMinute: 5, tokensPerMinute: 9_007_199_254_740_991, concurrentRequests: 1 },
  budget: { amount: '9223372036854775807', period: 'month' },
};

const keyCases: readonly SuiteCase<KeyStore>[] = [
  {
    name: 'a key is found by its hash, with its account, as it was stored',
    async run(store) {
      const { hash, ...key } = newKey(uniqueName('account'), { ...(FULL as Partial<KeyRecord>), name: "x'; --" });
      await store.createKey({ hash, ...key });
      deepEqual(await store.findKey(hash), { key, account: { id: key.accountId, createdAt: key.createdAt } });
      equal(JSON.stringify(await store.listKeys(key.accountId)).includes(hash), false);
    },
  },
  {
    name: 'an unknown hash finds nothing',
    async run(store) {
      equal(await store.findKey(uniqueName('hash')), undefined);
    },
  },
  {
    name: 'of 20 keys created at once with the same hash, or the same id, one is stored',
    async run(store) {
      const key = newKey(uniqueName('account'));
      const create = async (change: Partial<StoredKey>) => store.createKey({ ...key, ...change });
      const sameHash = await Promise.allSettled(Array.from({ length: 20 }, () => create({ id: uniqueName('key') })));
      equal(sameHash.filter((result) => result.status === 'fulfilled').length, 1);
      const other = newKey(key.accountId);
      const sameId = await Promise.allSettled(
        Array.from({ length: 20 }, () => create({ id: other.id, hash: uniqueName('hash') })),
      );
      equal(sameId.filter((result) => result.status === 'fulfilled').length, 1);
      equal((await store.listKeys(key.accountId)).length, 2);
      await rejects(create({ id: other.id }));
    },
  },
  {
    name: 'creating keys at once for a new account creates that account once',
    async run(store) {
      const accountId = uniqueName('account');
      await atOnce(20, () => store.createKey(newKey(accountId)));
      equal((await store.listKeys(accountId)).length, 20);
      equal((await store.getAccount(accountId))?.createdAt, TIME);
    },
  },
  {
    name: 'creating a key leaves a known account as it is',
    async run(store) {
      const id = uniqueName('account');
      await store.saveAccount({ id, plan: 'pro', now: TIME - 5 });
      await store.createKey(newKey(id));
      deepEqual(await store.getAccount(id), { id, plan: 'pro', planSince: TIME - 5, createdAt: TIME - 5 });
    },
  },
  {
    name: 'keys are listed newest first, revoked ones included, and only those of the account',
    async run(store) {
      const [accountId, other] = [uniqueName('account'), uniqueName('account')];
      const keys = [1, 2, 3].map((i) => newKey(accountId, { createdAt: TIME + i }));
      for (const key of keys) await store.createKey(key);
      await store.createKey(newKey(other));
      await store.updateKey(keys[1]?.id ?? '', { revokedAt: TIME + 9 });
      deepEqual(
        (await store.listKeys(accountId)).map((key) => [key.id, key.revokedAt]),
        [
          [keys[2]?.id, undefined],
          [keys[1]?.id, TIME + 9],
          [keys[0]?.id, undefined],
        ],
      );
      deepEqual(await store.listKeys(uniqueName('account')), []);
    },
  },
  {
    name: 'a change is seen by the next look-up; what it does not name stays',
    async run(store) {
      const { hash, ...key } = newKey(uniqueName('account'), { name: 'laptop' });
      await store.createKey({ hash, ...key });
      deepEqual(await store.updateKey(key.id, FULL), { ...key, ...FULL });
      deepEqual(await store.updateKey(key.id, { name: 'phone' }), { ...key, ...FULL, name: 'phone' });
      deepEqual((await store.findKey(hash))?.key, { ...key, ...FULL, name: 'phone' });
      deepEqual(await store.updateKey(key.id, {}), { ...key, ...FULL, name: 'phone' });
    },
  },
  {
    name: 'null removes a value',
    async run(store) {
      const { hash, ...key } = newKey(uniqueName('account'));
      await store.createKey({ hash, ...key, ...(FULL as Partial<KeyRecord>) });
      const nothing = { expiresAt: null, models: null, limits: null, budget: null };
      deepEqual(await store.updateKey(key.id, nothing), key);
      deepEqual((await store.findKey(hash))?.key, key);
    },
  },
  {
    name: 'an empty list of models is kept: it allows none',
    async run(store) {
      const { hash, ...key } = newKey(uniqueName('account'));
      await store.createKey({ hash, ...key, models: [] });
      deepEqual((await store.findKey(hash))?.key.models, []);
    },
  },
  {
    name: 'a key is revoked once: the first time stays, and nothing brings it back',
    async run(store) {
      const key = newKey(uniqueName('account'));
      await store.createKey(key);
      equal((await store.updateKey(key.id, { revokedAt: TIME + 1 }))?.revokedAt, TIME + 1);
      equal((await store.updateKey(key.id, { revokedAt: TIME + 2 }))?.revokedAt, TIME + 1);
      equal((await store.updateKey(key.id, { name: 'x' }))?.revokedAt, TIME + 1);
      equal((await store.findKey(key.hash))?.key.revokedAt, TIME + 1);
    },
  },
  {
    name: 'a key of another account is not found by a change, nor is an unknown one',
    async run(store) {
      const key = newKey(uniqueName('account'));
      await store.createKey(key);
      equal(await store.updateKey(key.id, { revokedAt: TIME }, uniqueName('account')), undefined);
      equal(await store.updateKey(uniqueName('key'), { revokedAt: TIME }), undefined);
      equal((await store.findKey(key.hash))?.key.revokedAt, undefined);
      equal((await store.updateKey(key.id, { name: 'mine' }, key.accountId))?.name, 'mine');
    },
  },
  {
    name: 'the last use only moves forward, and unknown keys are ignored',
    async run(store) {
      const [one, other] = [newKey(uniqueName('account')), newKey(uniqueName('account'))];
      await store.createKey(one);
      await store.createKey(other);
      const at = (ms: number) => ({ id: one.id, at: TIME + ms });
      await store.touchKeys([at(5), { id: uniqueName('key'), at: TIME }, at(3)]);
      await store.touchKeys([at(4)]);
      await store.touchKeys([]);
      equal((await store.listKeys(one.accountId))[0]?.lastUsedAt, TIME + 5);
      equal((await store.listKeys(other.accountId))[0]?.lastUsedAt, undefined);
    },
  },
  {
    name: 'what a caller does to a record does not change the store',
    async run(store) {
      const key = newKey(uniqueName('account'), { models: ['a'] });
      await store.createKey(key);
      const found = (await store.findKey(key.hash))?.key;
      ok(found);
      try {
        Object.assign(found, { name: 'changed' });
        (found.models as string[]).push('b');
      } catch {
        // A frozen record is as good.
      }
      const again = (await store.findKey(key.hash))?.key;
      deepEqual([again?.name, again?.models], [key.name, ['a']]);
    },
  },
];
