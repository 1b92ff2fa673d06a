import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { recordOf } from '../helpers/request-records.js';
import { settlementOf } from '../helpers/settlements.js';
import { dashboardClient } from './client.js';

const KEYS = 130;
/** Older than the keys that are offered by name. */
const OLD = 'key 5';

interface Named {
  readonly names: Record<string, string>;
}

/** An account with many keys, of which an old one was used; and how many of its keys the answers have read. */
async function setUp() {
  const store = memoryStore();
  const read = { keys: 0 };
  const { keyStore } = store;
  const gateway = sampleGateway({
    ...store,
    keyStore: {
      ...keyStore,
      listKeys: async (accountId, page) => {
        const keys = await keyStore.listKeys(accountId, page);
        read.keys += keys.length;
        return keys;
      },
    },
  });
  const ids: Record<string, string> = {};
  for (let i = 0; i < KEYS; i++) {
    const { record } = await gateway.keys.create({ accountId: 'alice', name: `key ${i}` });
    ids[record.name] = record.id;
  }
  const { record } = await gateway.keys.create({ accountId: 'mallory', name: 'of another account' });
  const at = Date.now() - 1_000;
  for (const [index, keyId] of [ids[OLD] ?? '', record.id].entries()) {
    await store.meter.settle(settlementOf(`req_${index}`, { accountId: 'alice', keyId, at, cost: 5n }));
    await store.requests?.append([recordOf(`req_${index}`, { accountId: 'alice', keyId, at })]);
  }
  read.keys = 0;
  const client = dashboardClient(gateway);
  const get = async <T>(path: string) => (await client.get(path, 'alice')).json<T>();
  return { get, read, ids, other: record.id, gateway };
}

const TODAY = `from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${new Date(Date.now() + 3_600_000).toISOString()}`;

describe('the names of keys', () => {
  test.each(['/api/requests', '/api/usage/events', `/api/usage/report?group=key&unit=hour&${TODAY}`])(
    'are those of the keys that %s names, whatever their age, and of no other account',
    async (path) => {
      const { get, read, ids } = await setUp();
      expect((await get<Named>(path)).names).toEqual({ [ids[OLD] ?? '']: OLD });
      expect(read.keys).toBe(0);
    },
  );

  test('stand on the home page, which lists no more keys than tell that there is one', async () => {
    const { get, read, ids, other } = await setUp();
    const home = await get<{ keys: { id: string; name: string }[]; started: { key: boolean } }>('/api/home');
    expect(home.started.key).toBe(true);
    expect(home.keys).toHaveLength(2);
    expect(home.keys).toContainEqual(expect.objectContaining({ id: ids[OLD], name: OLD }));
    expect(home.keys).toContainEqual(expect.objectContaining({ id: other, name: null }));
    expect(read.keys).toBe(100);
  });

  test('are offered for a choice: the newest hundred, and whether there are more', async () => {
    const { get, read } = await setUp();
    const offered = await get<{ data: { name: string }[]; more: boolean }>('/api/keys/names');
    expect(offered.data.map(({ name }) => name)).toEqual(Array.from({ length: 100 }, (_, i) => `key ${KEYS - 1 - i}`));
    expect(offered.more).toBe(true);
    expect(read.keys).toBe(101);
  });
});

describe('keys.list with ids', () => {
  test('reads those keys in that order, each once, and none of another account', async () => {
    const { gateway, ids, other } = await setUp();
    const [first = '', second = ''] = [ids['key 7'], ids['key 3']];
    const found = await gateway.keys.list('alice', { ids: [first, other, second, 'key_unknown', first] });
    expect(found.map(({ name }) => name)).toEqual(['key 7', 'key 3']);
    expect(await gateway.keys.list('alice', { ids: [] })).toEqual([]);
  });

  test.each([
    [{ ids: ['key_1'], limit: 5 }, 'ids'],
    [{ ids: 'key_1' as never }, 'ids'],
    [{ ids: Array.from({ length: 1_001 }, (_, i) => `key_${i}`) }, 'ids'],
    [{ id: ['key_1'] } as never, 'id'],
  ])('refuses %j', async (options, param) => {
    const { gateway } = await setUp();
    await expect(gateway.keys.list('alice', options)).rejects.toMatchObject({ code: 'invalid_value', param });
  });
});
