import { deepEqual, equal, notEqual } from 'node:assert/strict';
import type { KeyStore, ProfileChange } from '../keys/key-store.js';
import { newKey, TIME } from './key-samples.js';
import { type SuiteCase, uniqueName } from './suite.js';

/** Accounts: plans, budgets, suspensions, profiles and search. */
export const keyAccountCases: readonly SuiteCase<KeyStore>[] = [
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
