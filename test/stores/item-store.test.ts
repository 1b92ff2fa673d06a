import Database from 'libsql';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ItemStore, memoryItems } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { type RedisClient, redisItems } from '../../src/stores/redis/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import type { Store } from '../../src/stores/store.js';
import { itemStoreSuite } from '../../src/testing/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { type RedisServer, redisMissing, startRedis } from '../helpers/redis-server.js';

function itemsOf({ items }: Store): ItemStore {
  if (!items) throw new Error('a store without items');
  return items;
}

describe('kept items in memory', () => {
  itemStoreSuite(test, { create: memoryItems });
});

describe('kept items in SQLite', () => {
  itemStoreSuite(test, { create: () => itemsOf(sqliteStore(new Database(':memory:'))) });
});

describe('kept items in PostgreSQL', () => {
  const missing = postgresMissing();
  let server: PostgresServer | undefined;
  let store: Store;

  beforeAll(async () => {
    if (missing) return;
    server = await startPostgres();
    store = postgresStore(server.pool(20));
  });

  afterAll(() => server?.stop());

  itemStoreSuite(passedBy(missing), { create: () => itemsOf(store) });
});

describe.each([{ cluster: false }, { cluster: true }])(
  'kept items in Redis (Redis Cluster: $cluster)',
  ({ cluster }) => {
    const missing = redisMissing();
    let server: RedisServer | undefined;
    let client: RedisClient;

    beforeAll(async () => {
      if (missing) return;
      server = await startRedis({ cluster });
      client = server.client();
    });

    afterAll(() => server?.stop());

    itemStoreSuite(passedBy(missing), { create: () => redisItems(client, { commandTimeoutMs: 10_000 }) });

    test('works with node-redis, and leaves nothing in Redis that does not expire', async (context) => {
      if (missing || !server) return context.skip(missing);
      const other = createClient({ socket: { path: server.socket, tls: false } });
      await other.connect();
      try {
        const items = redisItems(other, { prefix: 'node', commandTimeoutMs: 10_000 });
        const now = Date.now();
        await items.put('account', [{ id: 'a', value: '1' }], now + 60_000);
        expect((await items.get('account', ['a'], now)).get('a')).toEqual({ value: '1', expiresAt: now + 60_000 });
        const keys = await other.keys('node:*');
        expect(keys.toSorted()).toEqual(['node:{account}:item:a', 'node:{account}:items']);
        for (const key of keys) expect(await other.pTTL(key)).toBeGreaterThan(0);
        await items.close?.();
      } finally {
        other.destroy();
      }
    });
  },
);

/** The runner's `test`, passed by where there is no server. */
function passedBy(missing: string | undefined) {
  return (name: string, run: () => Promise<void>) =>
    test(name, async (context) => {
      if (missing) return context.skip(missing);
      await run();
    });
}
