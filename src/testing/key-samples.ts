import type { KeyRecord, StoredKey } from '../keys/key-store.js';
import { uniqueName } from './suite.js';

/** When the keys of the suite were created, in milliseconds since the epoch. */
export const TIME = Date.UTC(2026, 10, 21, 14, 30);

/** A key as `createKey` takes it, with an id and a hash of its own. */
export function newKey(accountId: string, changes: Partial<KeyRecord> = {}): StoredKey {
  return {
    id: uniqueName('key'),
    hash: uniqueName('hash'),
    accountId,
    name: 'key',
    hint: 'napi-ab12…wxyz',
    createdAt: TIME,
    ...changes,
  };
}
