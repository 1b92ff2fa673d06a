import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict';
import type { KeyChange, KeyRecord, KeyStore, ProfileChange, StoredKey } from '../keys/key-store.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
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
  const cases = [...keyCases, ...keyDetailsCases, ...keySessionCases, ...keyPageCases, ...accountCases];
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

const accountCases: readonly SuiteCase<KeyStore>[] = [
  {
    name: 'an unknown account is undefined until it is saved',
    async run(store) {
      const id = uniqueName('account');
      equal(await store.getAccount(id), undefined);
      deepEqual(await store.saveAccount({ id, now: TIME }), { id, createdAt: TIME });
      deepEqual(await store.getAccount(id), { id, createdAt: TIME });
    },
  },
  {
    name: 'saving an account sets its plan and keeps when it was created; its keys see the plan at once',
    async run(store) {
      const key = newKey(uniqueName('account'));
      const id = key.accountId;
      await store.createKey(key);
      const pro = { id, plan: 'pro', planSince: TIME + 9, createdAt: TIME };
      deepEqual(await store.saveAccount({ id, plan: 'pro', now: TIME + 9 }), pro);
      deepEqual((await store.findKey(key.hash))?.account, pro);
      deepEqual(await store.saveAccount({ id, now: TIME + 10 }), pro);
      deepEqual(await store.saveAccount({ id, plan: 'pro', now: TIME + 10 }), pro);
      const free = { ...pro, plan: 'free', planSince: TIME + 11 };
      deepEqual(await store.saveAccount({ id, plan: 'free', now: TIME + 11 }), free);
    },
  },
  {
    name: 'saving an account sets and removes its budget, and leaves it alone where none is given',
    async run(store) {
      const key = newKey(uniqueName('account'));
      const id = key.accountId;
      await store.createKey(key);
      const budget = { amount: '5000', period: 'month' } as const;
      const saved = { id, budget, createdAt: TIME };
      deepEqual(await store.saveAccount({ id, budget, now: TIME }), saved);
      deepEqual(await store.saveAccount({ id, now: TIME }), saved);
      deepEqual((await store.findKey(key.hash))?.account, saved);
      deepEqual(await store.saveAccount({ id, budget: null, now: TIME }), { id, createdAt: TIME });
    },
  },
  {
    name: 'a suspension is seen with the next look-up of a key, stays with other changes, and ends with null',
    async run(store) {
      const key = newKey(uniqueName('account'));
      const id = key.accountId;
      await store.createKey(key);
      const suspension = { at: TIME + 1, reason: 'spam; "abuse"' };
      const saved = { id, suspension, createdAt: TIME };
      deepEqual(await store.saveAccount({ id, suspension, now: TIME + 1 }), saved);
      deepEqual((await store.findKey(key.hash))?.account, saved);
      deepEqual(await store.getAccount(id), saved);
      const listed = await store.listAccounts({ search: id, limit: 1 });
      deepEqual(listed, [saved]);
      const budget = { amount: '5000', period: 'day' } as const;
      deepEqual(await store.saveAccount({ id, budget, now: TIME + 2 }), { ...saved, budget });
      deepEqual(await store.saveAccount({ id, suspension: null, now: TIME + 3 }), { id, budget, createdAt: TIME });
      deepEqual((await store.findKey(key.hash))?.account, { id, budget, createdAt: TIME });
    },
  },
  {
    name: 'an account that is not known yet can be suspended; another account is not',
    async run(store) {
      const [id, other] = [uniqueName('account'), uniqueName('account')];
      await store.saveAccount({ id: other, now: TIME });
      const suspension = { at: TIME };
      deepEqual(await store.saveAccount({ id, suspension, now: TIME }), { id, suspension, createdAt: TIME });
      deepEqual(await store.getAccount(other), { id: other, createdAt: TIME });
    },
  },
  {
    name: 'a profile stays with other changes, and is found by name and address in any case',
    async run(store) {
      const id = uniqueName('account');
      const displayName = `Ada ${uniqueName('name')}`;
      const email = `Ada.${uniqueName('mail')}@example.com`;
      const saved = { id, profile: { displayName, email }, createdAt: TIME };
      deepEqual(await store.saveAccount({ id, profile: { displayName, email }, now: TIME }), saved);
      deepEqual(await store.saveAccount({ id, now: TIME + 1 }), saved);
      for (const search of [id, displayName.toUpperCase(), email.toLowerCase()])
        deepEqual(await store.listAccounts({ search, limit: 2 }), [saved]);
      const none = { displayName: null, email: null };
      deepEqual(await store.saveAccount({ id, profile: none, now: TIME + 2 }), { id, createdAt: TIME });
      deepEqual(await store.listAccounts({ search: email, limit: 2 }), []);
    },
  },
  {
    name: 'changes of a profile at once are merged: none of them is lost',
    async run(store) {
      const id = uniqueName('account');
      const change = async (profile: ProfileChange) => store.saveAccount({ id, profile, now: TIME });
      await change({ note: 'pays late', email: null });
      deepEqual(await store.getAccount(id), { id, profile: { note: 'pays late' }, createdAt: TIME });
      await Promise.all([change({ displayName: 'Ada' }), change({ email: 'ada@example.com' }), change({ note: null })]);
      const profile = { displayName: 'Ada', email: 'ada@example.com' };
      deepEqual(await store.getAccount(id), { id, profile, createdAt: TIME });
      await change({});
      deepEqual(await store.getAccount(id), { id, profile, createdAt: TIME });
    },
  },
  {
    name: 'a key is found by its id and by its hint',
    async run(store) {
      if (!store.findKeyByName) return;
      const key = newKey(uniqueName('account'), { hint: uniqueName('hint') });
      await store.createKey(key);
      for (const name of [key.id, key.hint]) deepEqual((await store.findKeyByName(name))?.id, key.id);
      equal(await store.findKeyByName(uniqueName('nobody')), undefined);
    },
  },
  {
    name: 'accounts are listed by id, page by page',
    async run(store) {
      const label = uniqueName('page');
      const ids = ['a', 'b', 'c', 'd', 'e'].map((letter) => `${label}-${letter}`);
      for (const id of ids.toReversed()) await store.saveAccount({ id, now: TIME });
      const read = async (after?: string) => {
        const query = { search: label, limit: 2 };
        return (await store.listAccounts(after === undefined ? query : { ...query, after })).map(({ id }) => id);
      };
      deepEqual(
        [await read(), await read(ids[1]), await read(ids[3]), await read(ids[4])],
        [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4), []],
      );
    },
  },
  {
    name: 'a search is a plain substring: % and _ mean themselves',
    async run(store) {
      const label = uniqueName('search');
      for (const id of [`${label}-10%_a`, `${label}-10xya`]) await store.saveAccount({ id, now: TIME });
      const found = await store.listAccounts({ search: `${label}-10%_`, limit: 10 });
      deepEqual(
        found.map(({ id }) => id),
        [`${label}-10%_a`],
      );
      notEqual((await store.listAccounts({ search: label, limit: 10 })).length, 1);
    },
  },
];
