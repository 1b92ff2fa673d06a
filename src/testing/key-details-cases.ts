import { deepEqual, equal } from 'node:assert/strict';
import type { KeyDetails } from '../keys/key-details.js';
import type { KeyStore } from '../keys/key-store.js';
import { newKey, TIME } from './key-samples.js';
import { type SuiteCase, uniqueName } from './suite.js';

const DETAILS: KeyDetails = {
  metadata: { team: 'a', 'e-mail': "o'neill@example.com", note: '{"quoted": "ä"}' },
  allowIps: ['10.0.0.0/8', '2001:db8::/32'],
  routes: ['chat/completions', 'models/{id}'],
  disabledAt: TIME + 1,
  lockedBudget: true,
  rootId: 'key_0',
};

const NOTHING = Object.fromEntries(Object.keys(DETAILS).map((name) => [name, null]));

/** Settings that most keys do not have: kept as given, changed one by one. */
export const keyDetailsCases: readonly SuiteCase<KeyStore>[] = [
  {
    name: 'metadata, addresses, routes, lock and the root of a rotation are kept as they were given',
    async run(store) {
      const { hash, ...key } = newKey(uniqueName('account'), { details: DETAILS });
      await store.createKey({ hash, ...key });
      deepEqual((await store.findKey(hash))?.key, key);
      deepEqual(await store.listKeys(key.accountId), [key]);
      deepEqual(await store.updateKey(key.id, { name: 'phone' }), { ...key, name: 'phone' });
    },
  },
  {
    name: 'a change of one detail leaves the others, and replaces what it names as a whole',
    async run(store) {
      const { hash, ...key } = newKey(uniqueName('account'), { details: DETAILS });
      await store.createKey({ hash, ...key });
      const metadata = { plan: 'b' };
      deepEqual((await store.updateKey(key.id, { details: { metadata } }))?.details, { ...DETAILS, metadata });
      const { disabledAt: _, ...enabled } = { ...DETAILS, metadata };
      deepEqual((await store.updateKey(key.id, { details: { disabledAt: null } }))?.details, enabled);
      deepEqual((await store.updateKey(key.id, { details: {} }))?.details, enabled);
      deepEqual((await store.findKey(hash))?.key.details, enabled);
    },
  },
  {
    name: 'a key has no details when none is left',
    async run(store) {
      const { hash, ...key } = newKey(uniqueName('account'));
      await store.createKey({ hash, ...key });
      deepEqual(await store.updateKey(key.id, { details: DETAILS }), { ...key, details: DETAILS });
      deepEqual(await store.updateKey(key.id, { details: NOTHING }), key);
      deepEqual((await store.findKey(hash))?.key, key);
    },
  },
  {
    name: 'of changes at once to different details none is lost',
    async run(store) {
      const { hash, ...key } = newKey(uniqueName('account'));
      await store.createKey({ hash, ...key });
      const change = async (details: KeyDetails) => store.updateKey(key.id, { details });
      const { metadata = {}, allowIps = [], routes = [] } = DETAILS;
      await Promise.all([change({ metadata }), change({ allowIps }), change({ routes }), change({ disabledAt: TIME })]);
      deepEqual((await store.findKey(hash))?.key.details, { metadata, allowIps, routes, disabledAt: TIME });
    },
  },
  {
    name: 'details of another account’s key are not changed',
    async run(store) {
      const key = newKey(uniqueName('account'));
      await store.createKey(key);
      equal(await store.updateKey(key.id, { details: DETAILS }, uniqueName('account')), undefined);
      equal((await store.findKey(key.hash))?.key.details, undefined);
    },
  },
  {
    name: 'a rotated key and its successor are two keys of one account, each found by its own hash',
    async run(store) {
      const old = newKey(uniqueName('account'), { budget: { amount: '5000', period: 'total' } });
      const next = newKey(old.accountId, { ...(old.budget && { budget: old.budget }), details: { rootId: old.id } });
      await store.createKey(old);
      await store.createKey(next);
      await store.updateKey(old.id, { expiresAt: TIME + 5 });
      equal((await store.findKey(old.hash))?.key.expiresAt, TIME + 5);
      const { hash, ...record } = next;
      deepEqual((await store.findKey(hash))?.key, record);
      deepEqual(
        (await store.listKeys(old.accountId)).map(({ id }) => id),
        [next.id, old.id],
      );
    },
  },
];
