import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/index.js';
import type { ChangeLog } from '../../src/stores/change-log.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import type { FullStore } from '../../src/stores/store.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { NOW } from '../helpers/settlements.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;

beforeAll(async () => {
  if (!missing) server = await startPostgres();
});

afterAll(() => server?.stop());

const stores: Readonly<Record<string, () => FullStore | undefined>> = {
  memory: () => memoryStore(),
  sqlite: () => sqliteStore(new Database(':memory:')),
  postgres: () => server && postgresStore(server.pool()),
};

const usable = Object.keys(stores).filter((name) => name !== 'postgres' || !missing);

describe.each(usable)('changes by operators in %s', (name) => {
  let store: FullStore;
  let log: ChangeLog;

  beforeAll(() => {
    store = stores[name]?.() as FullStore;
    log = store.changes;
  });

  const changes = [
    {
      id: 'chg_1',
      at: NOW + 1,
      operator: 'ann',
      action: 'account.plan',
      accountId: 'user_1',
      details: { plan: 'pro' },
    },
    { id: 'chg_2', at: NOW + 2, operator: 'ann', action: 'promo.create', subject: 'HELLO' },
    {
      ...{ id: 'chg_3', at: NOW + 2, operator: 'ben', action: 'key.update', accountId: 'user_1', subject: 'laptop' },
      details: { budget: null, lockedBudget: true, reason: 'it\'s "odd" \0 \uD800' },
    },
    { id: 'chg_4', at: NOW + 3, operator: 'ben', action: 'account.resume', accountId: 'user_2' },
  ];
  const idsOf = async (...query: Parameters<ChangeLog['list']>) => (await log.list(...query)).map(({ id }) => id);

  test('are given back whole, newest first, page by page', async () => {
    for (const change of changes) await log.append(change);
    expect(await log.list({}, { limit: 10 })).toEqual([...changes].reverse());
    expect(await idsOf({}, { limit: 2 })).toEqual(['chg_4', 'chg_3']);
    expect(await idsOf({}, { limit: 2, before: 'chg_3' })).toEqual(['chg_2', 'chg_1']);
    expect(await idsOf({}, { limit: 2, before: 'chg_unknown' })).toEqual([]);
  });

  test('are listed of one account alone', async () => {
    expect(await idsOf({ accountId: 'user_1' }, { limit: 10 })).toEqual(['chg_3', 'chg_1']);
    expect(await idsOf({ accountId: 'user_1' }, { limit: 10, before: 'chg_3' })).toEqual(['chg_1']);
    expect(await idsOf({ accountId: 'user' }, { limit: 10 })).toEqual([]);
  });

  test('stay under the pseudonym of an account that is erased, without what was set', async () => {
    if (!store.upkeep) return expect(name).toBe('memory');
    expect(await store.upkeep.eraseAccount('user_1', 'erased_1')).toBe(true);
    expect(await log.list({ accountId: 'user_1' }, { limit: 10 })).toEqual([]);
    expect(await log.list({ accountId: 'erased_1' }, { limit: 10 })).toEqual([
      { id: 'chg_3', at: NOW + 2, operator: 'ben', action: 'key.update', accountId: 'erased_1' },
      { id: 'chg_1', at: NOW + 1, operator: 'ann', action: 'account.plan', accountId: 'erased_1' },
    ]);
  });
});

describe('gateway.changes', () => {
  test('records and lists with the gateway’s own clock, and exports what is of an account', async () => {
    const gateway = sampleGateway(sqliteStore(new Database(':memory:')), () => NOW);
    await gateway.changes.record({ operator: 'ann', action: 'account.plan', accountId: 'u', details: { plan: 'pro' } });
    const [change] = (await gateway.changes.list({ accountId: 'u' })) ?? [];
    expect(change).toEqual({
      id: expect.stringMatching(/^chg_[0-9a-f]{32}$/),
      at: new Date(NOW),
      ...{ operator: 'ann', action: 'account.plan', accountId: 'u', details: { plan: 'pro' } },
    });
    const lines: string[] = [];
    for await (const line of gateway.accounts.export('u')) lines.push(line);
    expect(lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'change')).toHaveLength(1);
    await gateway.close();
  });

  test('refuses what would widen a list, and unknown options', async () => {
    const gateway = sampleGateway();
    const refused = { code: 'invalid_value' };
    await expect(gateway.changes.list({ accountId: undefined } as never)).rejects.toMatchObject(refused);
    await expect(gateway.changes.list({ acountId: 'u' } as never)).rejects.toMatchObject(refused);
    await expect(gateway.changes.record({ operator: '', action: 'x' })).rejects.toMatchObject(refused);
    await gateway.close();
  });

  test.each(usable)('keeps what %s was told at that time, without what JSON does not have', async (name) => {
    const gateway = sampleGateway(stores[name]?.());
    const limits = { requestsPerMinute: 5, tokensPerMinute: undefined };
    await gateway.changes.record({ operator: 'ann', action: 'plan.limits', accountId: 'w', details: { limits } });
    limits.requestsPerMinute = 10;
    await gateway.changes.record({ operator: 'ann', action: 'plan.notes', accountId: 'v', details: null } as never);
    const listed = [await gateway.changes.list({ accountId: 'w' }), await gateway.changes.list({ accountId: 'v' })];
    const details = listed.map((changes) => changes?.[0]?.details);
    expect(details).toStrictEqual([{ limits: { requestsPerMinute: 5 } }, undefined]);
    await gateway.close();
  });

  test.each([5, 'pro', ['pro'], { amount: 5n }])('refuses the details %s by their name', async (details) => {
    const gateway = sampleGateway();
    const recorded = gateway.changes.record({ operator: 'ann', action: 'x', details } as never);
    await expect(recorded).rejects.toMatchObject({ name: 'GatewayError', code: 'invalid_value', param: 'details' });
    expect(await gateway.changes.list()).toEqual([]);
    await gateway.close();
  });

  test('forgets changes, and says null, where the store has no place for them', async () => {
    const { changes: _, ...store } = memoryStore();
    const gateway = sampleGateway(store);
    await gateway.changes.record({ operator: 'ann', action: 'account.resume', accountId: 'u' });
    expect(await gateway.changes.list()).toBeNull();
    await gateway.close();
  });
});
