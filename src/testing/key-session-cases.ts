import { deepEqual, equal } from 'node:assert/strict';
import type { SessionFacts } from '../keys/key-details.js';
import type { KeyRecord, KeyStore, StoredKey } from '../keys/key-store.js';
import { newKey, TIME } from './key-samples.js';
import { type SuiteCase, uniqueName } from './suite.js';

const FACTS: SessionFacts = { endUser: 'visitor_7', session: 'run_1', tags: { feature: 'chat', 'a b': 'ä' } };

/** Session tokens: keys that are found like any other, are never listed, and are forgotten after their end. */
export const keySessionCases: readonly SuiteCase<KeyStore>[] = [
  {
    name: 'a session token is found by its hash with whom it is for, and is not among the keys',
    async run(store) {
      const accountId = uniqueName('account');
      const key = newKey(accountId);
      const { hash, ...token } = newSession(accountId, { details: { session: FACTS } });
      const anonymous = newSession(accountId);
      await store.createKey(key);
      await store.createKey({ hash, ...token });
      await store.createKey(anonymous);
      deepEqual((await store.findKey(hash))?.key, token);
      deepEqual((await store.findKey(anonymous.hash))?.key.details, { session: {} });
      deepEqual(idsOf(await store.listKeys(accountId)), [key.id]);
      deepEqual(idsOf(await store.listKeys(accountId, { limit: 1 })), [key.id]);
    },
  },
  {
    name: 'session tokens are listed by account, newest first and paged, and keys are not among them',
    async run(store) {
      if (!store.listSessions) return;
      const [accountId, other] = [uniqueName('account'), uniqueName('account')];
      const { hash: _hash, ...first } = newSession(accountId, { details: { session: FACTS } });
      const second = newSession(accountId);
      await store.createKey({ hash: _hash, ...first });
      await store.createKey(second);
      await store.createKey(newKey(accountId));
      await store.createKey(newSession(other));
      const newest = await store.listSessions(accountId, { limit: 1 });
      deepEqual(idsOf(newest), [second.id]);
      deepEqual(await store.listSessions(accountId, { limit: 5, before: second.id }), [first]);
      deepEqual(idsOf(await store.listSessions(accountId, { limit: 5 })), [second.id, first.id]);
      deepEqual(await store.listSessions(other, { limit: 5, before: second.id }), []);
    },
  },
  {
    name: 'a session token creates its account, and is revoked as a key is',
    async run(store) {
      const token = newSession(uniqueName('account'));
      await store.createKey(token);
      equal((await store.getAccount(token.accountId))?.createdAt, TIME);
      equal((await store.updateKey(token.id, { revokedAt: TIME + 1 }))?.revokedAt, TIME + 1);
      const found = (await store.findKey(token.hash))?.key;
      deepEqual([found?.revokedAt, found?.details], [TIME + 1, { session: {} }]);
    },
  },
  {
    name: 'pruning forgets session tokens that expired before a time, and nothing else',
    async run(store) {
      const accountId = uniqueName('account');
      const expiredKey = newKey(accountId, { expiresAt: TIME - 10 });
      const [ended, atTheTime, later] = [TIME - 1, TIME, TIME + 1].map((expiresAt) =>
        newSession(accountId, { expiresAt }),
      );
      const all = [expiredKey, ended, atTheTime, later] as StoredKey[];
      for (const key of all) await store.createKey(key);
      // A store may keep tokens for ever: then it has nothing to forget.
      const pruned = await store.pruneSessions?.(TIME);
      const found = await Promise.all(all.map(async ({ hash }) => (await store.findKey(hash)) !== undefined));
      deepEqual(found, [true, pruned === undefined, true, true]);
      equal(pruned === undefined || pruned >= 1, true);
      deepEqual(idsOf(await store.listKeys(accountId)), [expiredKey.id]);
    },
  },
];

function newSession(accountId: string, changes: Partial<KeyRecord> = {}): StoredKey {
  return { ...newKey(accountId, { name: 'session', expiresAt: TIME + 900_000, details: { session: {} } }), ...changes };
}

function idsOf(keys: readonly KeyRecord[]): string[] {
  return keys.map(({ id }) => id);
}
