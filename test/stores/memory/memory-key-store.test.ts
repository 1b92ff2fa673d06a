import { describe, test } from 'vitest';
import { cachedKeyStore } from '../../../src/keys/cached-key-store.js';
import { memoryKeyStore } from '../../../src/stores/memory/memory-key-store.js';
import { keyStoreSuite } from '../../../src/testing/key-store-suite.js';

describe('memoryKeyStore keeps the KeyStore contract', () => {
  keyStoreSuite(test, { create: () => memoryKeyStore() });
});

describe('a cached key store keeps the KeyStore contract, also where it answers from memory', () => {
  keyStoreSuite(test, {
    create: () => {
      const cached = cachedKeyStore(memoryKeyStore());
      return { ...cached, findKey: (hash) => cached.find(hash) };
    },
  });
});
