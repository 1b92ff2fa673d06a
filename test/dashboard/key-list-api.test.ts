import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { settlementOf } from '../helpers/settlements.js';
import { testLogger } from '../helpers/test-logger.js';
import { dashboardClient } from './client.js';

interface Page {
  data: Record<string, unknown>[];
  page: number;
  total: number;
  counts: Record<string, number>;
}

const DAY = 86_400_000;

/** Keys of alice by name: how many days ago each was made and last used, and what it then cost. */
async function withKeys(keys: Record<string, { made?: number; used?: number; cost?: number; revoked?: true }>) {
  const store = memoryStore();
  const clock = { now: 0 };
  const gateway = sampleGateway(store, () => clock.now);
  const today = Date.now();
  for (const [name, { made = 0, used, cost = 0, revoked }] of Object.entries(keys)) {
    clock.now = today - made * DAY;
    const { record } = await gateway.keys.create({ accountId: 'alice', name });
    if (revoked) await gateway.keys.revoke(record.id);
    if (used === undefined) continue;
    const at = today - used * DAY;
    await store.keyStore.touchKeys([{ id: record.id, at }]);
    await store.meter.settle(
      settlementOf(name, { accountId: 'alice', keyId: record.id, at, cost: BigInt(cost * 1e9) }),
    );
  }
  const client = dashboardClient(gateway);
  return async (query: string) => {
    const page = (await client.get(`/api/keys?${query}`, 'alice')).json<Page>();
    return { ...page, names: page.data.map(({ name }) => name) };
  };
}

describe('the list of keys', () => {
  test('is read page by page, with how many there are; a page behind the last is the last', async () => {
    const list = await withKeys(Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`key ${i}`, { made: 9 - i }])));
    expect(await list('limit=2')).toMatchObject({ names: ['key 4', 'key 3'], page: 0, total: 5 });
    expect(await list('limit=2&page=1')).toMatchObject({ names: ['key 2', 'key 1'], page: 1 });
    expect(await list('limit=2&page=99')).toMatchObject({ names: ['key 0'], page: 2, total: 5 });
  });

  test.each([
    ['created', ['key 10', 'Key 9', 'api']],
    ['name', ['api', 'Key 9', 'key 10']],
    ['spend', ['api', 'key 10', 'Key 9']],
    ['used', ['Key 9', 'api', 'key 10']],
  ])('is sorted by %s', async (sort, names) => {
    const list = await withKeys({
      api: { made: 30, used: 3, cost: 2 },
      'Key 9': { made: 20, used: 1, cost: 0.5 },
      'key 10': { made: 10, used: 4, cost: 1 },
    });
    expect((await list(`sort=${sort}`)).names).toEqual(names);
  });

  test.each([
    ['', ['Äpfel', 'Öl', 'Zebra', '上海', '北京']],
    ['&language=sv', ['Zebra', 'Äpfel', 'Öl', '上海', '北京']],
    ['&language=zh-CN', ['北京', '上海', 'Äpfel', 'Öl', 'Zebra']],
    ['&language=tlh', ['Äpfel', 'Öl', 'Zebra', '上海', '北京']],
  ])('is sorted by name as a language does it: %s', async (language, names) => {
    const list = await withKeys({ Zebra: {}, Äpfel: {}, 北京: {}, Öl: {}, 上海: {} });
    expect((await list(`sort=name${language}`)).names).toEqual(names);
  });

  test('holds what is searched for in a name, whatever its case, or in a hint', async () => {
    const list = await withKeys({ Production: {}, staging: {} });
    expect((await list('search=PROD')).names).toEqual(['Production']);
    const [{ hint } = {}] = (await list('search=staging')).data;
    expect((await list(`search=${encodeURIComponent(String(hint))}`)).names).toEqual(['staging']);
    expect(await list('search=nothing')).toMatchObject({ names: [], total: 0, counts: { all: 2 } });
  });

  test('tells live, unused and revoked keys apart, and counts them', async () => {
    const list = await withKeys({
      fresh: {},
      idle: { made: 100 },
      busy: { made: 101, used: 1 },
      gone: { made: 5, revoked: true },
    });
    expect((await list('state=live')).names).toEqual(['fresh', 'idle', 'busy']);
    expect((await list('state=unused')).names).toEqual(['idle']);
    expect((await list('state=revoked')).names).toEqual(['gone']);
    expect((await list('')).counts).toEqual({ all: 4, live: 3, unused: 1, ending: 0 });
  });

  test('says what each key cost on each of 14 days, today last', async () => {
    const list = await withKeys({ server: { made: 30, used: 2, cost: 1.5 } });
    const [key] = (await list('')).data;
    expect(key?.['days']).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1.5, 0, 0]);
  });

  test('is there when what keys spent can not be read: a leaked key has to be revoked all the same', async () => {
    const store = memoryStore();
    const gateway = sampleGateway({
      ...store,
      meter: Object.assign(Object.create(store.meter), { usage: () => Promise.reject(new Error('no report today')) }),
    });
    const { record } = await gateway.keys.create({ accountId: 'alice', name: 'leaked' });
    const warnings: unknown[] = [];
    const client = dashboardClient(gateway, { logger: { ...testLogger, warn: (...line) => warnings.push(line) } });
    const { data } = (await client.get('/api/keys', 'alice')).json<Page>();
    expect(data).toMatchObject([{ id: record.id, days: null, budgetSpent: null }]);
    expect(JSON.stringify(warnings)).toContain('no report today');
  });

  test.each(['sort=price', 'state=any', 'page=-1', 'page=x', 'limit=101', 'language=no%20language'])(
    'refuses %s',
    async (query) => {
      const answer = await dashboardClient(sampleGateway()).get(`/api/keys?${query}`, 'alice');
      expect([answer.status, answer.json<{ error: { param: string } }>().error.param]).toEqual([
        400,
        query.split('=')[0],
      ]);
    },
  );
});

test('one key is read alone; that of another account is not found', async () => {
  const gateway = sampleGateway();
  const client = dashboardClient(gateway);
  const { record } = await gateway.keys.create({ accountId: 'alice', name: 'server' });
  expect((await client.get(`/api/keys/${record.id}`, 'alice')).json()).toMatchObject({ id: record.id, name: 'server' });
  expect((await client.get(`/api/keys/${record.id}`, 'bob')).status).toBe(404);
});

test('a page of keys lists the keys once, and reads of budgets those on it, a rotated one under its first key', async () => {
  const store = memoryStore();
  const { keyStore, meter } = store;
  const asked = { lists: 0, budgets: [] as string[] };
  const counting = Object.assign(Object.create(keyStore), {
    listKeys(accountId: string) {
      asked.lists += 1;
      return keyStore.listKeys(accountId);
    },
  });
  const counted = Object.assign(Object.create(meter), {
    budgetsOf: (_: string, subjects: string[]) => {
      asked.budgets.push(...subjects);
      return subjects.map((subject) => ({ subject, window: '', spent: 0n, held: 0n }));
    },
  });
  const gateway = sampleGateway({ ...store, keyStore: counting, meter: counted });
  const budget = { amount: '5', period: 'day' } as const;
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c'])
    ids.push((await gateway.keys.create({ accountId: 'alice', name, budget })).record.id);
  const { record } = await gateway.keys.rotate(ids[0] ?? '', { overlap: '1h' });
  asked.lists = 0;
  const { data } = (await dashboardClient(gateway).get('/api/keys?sort=name&limit=2', 'alice')).json<Page>();
  expect(data.map(({ name }) => name)).toEqual(['a', 'a']);
  expect(data.map(({ id }) => id)).toContain(record.id);
  expect(asked).toEqual({ lists: 1, budgets: [`key:${ids[0]}`] });
});

test('one key is read without the others, with what it spent of its budget', async () => {
  const store = memoryStore();
  const { keyStore } = store;
  const listKeys = () => expect.fail('all keys were listed');
  const gateway = sampleGateway({ ...store, keyStore: Object.assign(Object.create(keyStore), { listKeys }) });
  const budget = { amount: '5', period: 'day' } as const;
  const { record } = await gateway.keys.create({ accountId: 'alice', name: 'server', budget });
  const used = { accountId: 'alice', keyId: record.id, at: Date.now(), cost: 1_500_000_000n };
  await store.meter.settle(settlementOf('req_1', used));
  const answer = await dashboardClient(gateway).get(`/api/keys/${record.id}`, 'alice');
  const days = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1.5];
  expect(answer.json()).toMatchObject({ id: record.id, days, budgetSpent: expect.stringMatching(/^\d/) });
});
